/* A counter under a pthread mutex that processes share. Argument: how many processes, increments each.
   Prints increments a second, of all together. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct shared {
    pthread_mutex_t mutex;
    long count;
    atomic_int ready;
    atomic_int go;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void count(struct shared *s, long times) {
    for (long i = 0; i < times; i++) {
        pthread_mutex_lock(&s->mutex);
        s->count++;
        pthread_mutex_unlock(&s->mutex);
    }
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    int processes = atoi(argv[1]);
    long times = atol(argv[2]);
    struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return 1;
    pthread_mutexattr_t shared;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->mutex, &shared);
    double start = now();
    if (processes == 1) {
        count(s, times);
    } else {
        for (int i = 0; i < processes; i++) {
            if (fork() == 0) {
                atomic_fetch_add(&s->ready, 1);
                while (!atomic_load(&s->go))
                    usleep(100);
                count(s, times);
                _exit(0);
            }
        }
        while (atomic_load(&s->ready) < processes)
            usleep(100);
        start = now();
        atomic_store(&s->go, 1);
        while (wait(NULL) > 0)
            ;
    }
    double seconds = now() - start;
    if (s->count != processes * times)
        return 1;
    printf("%f\n", s->count / seconds);
    return 0;
}
