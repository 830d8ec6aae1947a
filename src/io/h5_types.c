/* Element types of datasets. */
#include "h5_priv.h"

/* HDF5 has no name for binary16: binary32 with its fields moved (made once, closed with HDF5). */
static hid_t half_type(void)
{
    static hid_t half = -1;
    if (half < 0) {
        half = H5Tcopy(H5T_IEEE_F32LE);
        H5Tset_fields(half, 15, 10, 5, 0, 10);
        H5Tset_size(half, 2);
        H5Tset_ebias(half, 15);
    }
    return half;
}

hid_t h5_mem_type(aet_h5_type type)
{
    switch (type) {
    case AET_H5_F32:
        return H5T_NATIVE_FLOAT;
    case AET_H5_F64:
        return H5T_NATIVE_DOUBLE;
    case AET_H5_U8:
        return H5T_NATIVE_UINT8;
    case AET_H5_I32:
        return H5T_NATIVE_INT32;
    case AET_H5_I64:
        return H5T_NATIVE_INT64;
    case AET_H5_U16:
        return H5T_NATIVE_UINT16;
    default:
        return half_type();
    }
}

hid_t h5_file_type(aet_h5_type type)
{
    switch (type) {
    case AET_H5_F32:
        return H5T_IEEE_F32LE;
    case AET_H5_F64:
        return H5T_IEEE_F64LE;
    case AET_H5_U8:
        return H5T_STD_U8LE;
    case AET_H5_I32:
        return H5T_STD_I32LE;
    case AET_H5_I64:
        return H5T_STD_I64LE;
    case AET_H5_U16:
        return H5T_STD_U16LE;
    default:
        return half_type();
    }
}

size_t h5_type_bytes(aet_h5_type type)
{
    switch (type) {
    case AET_H5_F64:
    case AET_H5_I64:
        return 8;
    case AET_H5_F32:
    case AET_H5_I32:
        return 4;
    case AET_H5_U16:
    case AET_H5_F16:
        return 2;
    default:
        return 1;
    }
}
