#include "aetlas/par/stop.h"

#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "aetlas/par/timing.h"
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t asked;
static char stop_path[AET_PATH_MAX];
static double last_look_s = -1e9;

static void on_signal(int number)
{
    if (asked && number == SIGINT) { /* a second Ctrl-C means: at once */
        signal(number, SIG_DFL);
        raise(number);
    }
    asked = 1;
}

void aet_stop_init(const char *stop_file)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGUSR1};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (int i = 0; i < 3; i++)
        sigaction(signals[i], &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit shows as a write error */
    aet_fmt(stop_path, sizeof stop_path, "%s", stop_file ? stop_file : "");
}

bool aet_stop_asked(void)
{
    double now = aet_clock_s();
    if (!asked && stop_path[0] && now - last_look_s > 1.0) {
        last_look_s = now;
        if (aet_file_exists(stop_path)) {
            aet_log_rank(AET_LOG_WARN,
                         "found the file '%s': stopping; remove it before running again",
                         stop_path);
            asked = 1;
        }
    }
    return asked != 0;
}

void aet_stop_request(void)
{
    asked = 1;
}

bool aet_stop_now(MPI_Comm comm)
{
    int mine = aet_stop_asked(), any;
    MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_LOR, comm);
    return any != 0;
}
