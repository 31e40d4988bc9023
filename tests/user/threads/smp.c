/* SPDX-License-Identifier: MIT */
/*
 * Threads that run at once, on as many CPUs as there are: who they are, what they share, what is their own. Results are sums and
 * counts that hold for every order of events.
 */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#define N 8

static pthread_t threads[N];
static pthread_barrier_t barrier;

static void start(void *(*fn)(void *))
{
	pthread_barrier_init(&barrier, NULL, N);
	for (long i = 0; i < N; i++)
		REQUIRE_TRUE(pthread_create(&threads[i], NULL, fn, (void *)i) == 0);
}

static void join(void)
{
	for (int i = 0; i < N; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
}

static pid_t tids[N], pids[N];

static void *ids(void *arg)
{
	long i = (long)arg;

	tids[i] = syscall(SYS_gettid);
	pids[i] = getpid();
	pthread_barrier_wait(&barrier);		/* all live at once, so no id can be used twice */
	return NULL;
}

TEST(smp, ids_differ_and_the_process_is_one)
{
	int same = 0, pid = 0;

	start(ids);
	join();
	for (int i = 0; i < N; i++) {
		pid += pids[i] == getpid();
		same += tids[i] == getpid();
		for (int j = 0; j < i; j++)
			same += tids[i] == tids[j];
	}
	note("of this process %d, same ids %d", pid, same);
}

static volatile uint64_t shared_words[N];
static _Atomic uint64_t sum, maximum, swaps;

static void *atomics(void *arg)
{
	uint64_t i = (uint64_t)arg, seen;

	pthread_barrier_wait(&barrier);
	for (uint64_t n = 0; n < 3000; n++) {
		__atomic_fetch_add(&sum, i + 1, __ATOMIC_RELAXED);
		seen = __atomic_load_n(&maximum, __ATOMIC_RELAXED);
		while (seen < n * N + i && !__atomic_compare_exchange_n(&maximum, &seen, n * N + i, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;
		__atomic_fetch_xor(&swaps, i << 8, __ATOMIC_RELAXED);
		shared_words[i]++;
	}
	return NULL;
}

TEST(smp, atomics_lose_nothing)
{
	uint64_t words = 0;

	start(atomics);
	join();
	for (int i = 0; i < N; i++)
		words += shared_words[i];
	note("sum %llu maximum %llu xor %llu plain %llu", (unsigned long long)sum, (unsigned long long)maximum,
	     (unsigned long long)swaps, (unsigned long long)words);
}

/* Two words published in order must be seen in order. */
static volatile int data, flag;

static void *publisher(void *arg)
{
	long i = (long)arg, bad = 0;

	for (int n = 1; n <= 2000; n++) {
		if (i == 0) {
			data = n;
			__atomic_store_n(&flag, n, __ATOMIC_RELEASE);
		} else {
			int f = __atomic_load_n(&flag, __ATOMIC_ACQUIRE);

			bad += data < f;
		}
	}
	return (void *)bad;
}

TEST(smp, release_and_acquire_order_stores)
{
	long bad = 0;

	start(publisher);
	for (int i = 0; i < N; i++) {
		void *r;

		pthread_join(threads[i], &r);
		bad += (long)r;
	}
	note("out of order %ld", bad);
}

static __thread long own = 7;
static __thread char block[3000];

static void *tls(void *arg)
{
	long i = (long)arg, bad = own != 7;

	own += i;
	memset(block, (int)i, sizeof(block));
	for (int n = 0; n < 200; n++) {
		sched_yield();
		bad += own != 7 + i;
		bad += block[n] != (char)i || block[sizeof(block) - 1 - n] != (char)i;
	}
	return (void *)bad;
}

TEST(smp, each_has_its_thread_local_storage)
{
	long bad = 0;

	start(tls);
	for (int i = 0; i < N; i++) {
		void *r;

		pthread_join(threads[i], &r);
		bad += (long)r;
	}
	note("bad %ld own %ld", bad, own);
}

/* A ring of threads: each hands a token to the next by a condition variable. */
static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ring_cond[N] = {
	PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER,
	PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER,
};
static int turn, rounds;

static void *ring(void *arg)
{
	int i = (int)(long)arg;

	for (int n = 0; n < 50; n++) {
		pthread_mutex_lock(&ring_lock);
		while (turn != i)
			pthread_cond_wait(&ring_cond[i], &ring_lock);
		turn = (i + 1) % N;
		rounds++;
		pthread_cond_signal(&ring_cond[turn]);
		pthread_mutex_unlock(&ring_lock);
	}
	return NULL;
}

TEST(smp, conditions_pass_a_token_round)
{
	start(ring);
	join();
	note("rounds %d turn %d", rounds, turn);
}

static volatile int handled[N];
static __thread int my_index = -1;
static _Atomic int any_handled, stop;

static void on_signal(int number)
{
	if (my_index >= 0)
		handled[my_index]++;
	__atomic_fetch_add(&any_handled, 1, __ATOMIC_SEQ_CST);
}

static void *signalled(void *arg)
{
	my_index = (int)(long)arg;
	tids[my_index] = syscall(SYS_gettid);
	while (!stop)
		if (my_index % 2)
			sched_yield();
		else
			sleep_ms(1);
	return NULL;
}

TEST(smp, tgkill_reaches_the_one_it_names)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int good = 0;

	sigaction(SIGUSR1, &action, NULL);
	memset(tids, 0, sizeof(tids));
	start(signalled);
	for (int i = 0; i < N; i++)
		while (!__atomic_load_n(&tids[i], __ATOMIC_ACQUIRE))
			sched_yield();
	for (int n = 0; n < 5; n++)
		for (int i = 0; i < N; i++) {
			int before = any_handled;

			EXPECT_OK(syscall(SYS_tgkill, getpid(), tids[i], SIGUSR1));
			while (any_handled == before)
				sched_yield();
		}
	stop = 1;
	join();
	for (int i = 0; i < N; i++)
		good += handled[i] == 5;
	note("all in the right thread: %d", good == N);
	while (syscall(SYS_tgkill, getpid(), tids[0], 0) == 0)
		sched_yield();		/* joined is a moment before gone */
	EXPECT_EQ(errno, ESRCH);
}

TEST(smp, a_signal_to_the_group_is_handled_once)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigset_t set;

	sigaction(SIGUSR2, &action, NULL);
	start(signalled);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);	/* one of the others has to */
	for (int n = 1; n <= 20; n++) {
		kill(getpid(), SIGUSR2);
		while (any_handled < n)
			sched_yield();
	}
	stop = 1;
	join();
	note("handled %d", any_handled);
}

static char *area;

static void *maps(void *arg)
{
	long i = (long)arg, bad = 0;

	for (int n = 0; n < 40; n++) {
		volatile char *p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return (void *)1000;
		for (int k = 0; k < 4; k++) {
			bad += p[k * 4096] != 0;
			p[k * 4096] = (char)i;
		}
		area[i * 4096 + n] = (char)(i + 1);
		bad += munmap((void *)p, 4 * 4096) != 0;
	}
	return (void *)bad;
}

TEST(smp, mappings_are_shared_by_all)
{
	long bad = 0, seen = 0;

	area = mmap(NULL, N * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	start(maps);
	for (int i = 0; i < N; i++) {
		void *r;

		pthread_join(threads[i], &r);
		bad += (long)r;
		for (int n = 0; n < 40; n++)
			seen += area[i * 4096 + n] == i + 1;
	}
	note("bad %ld seen %ld", bad, seen);
}

static void *forks(void *arg)
{
	long i = (long)arg, good = 0;

	for (int n = 0; n < 4; n++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit((int)i + 1);
		good += waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == i + 1;
	}
	return (void *)good;
}

TEST(smp, each_may_fork_and_wait)
{
	long good = 0;

	start(forks);
	for (int i = 0; i < N; i++) {
		void *r;

		pthread_join(threads[i], &r);
		good += (long)r;
	}
	note("children %ld", good);
}

static int pipes[N][2];

static void *relay(void *arg)
{
	long i = (long)arg;
	uint64_t v;

	while (read(pipes[i][0], &v, 8) == 8) {
		v += 1;
		if (write(pipes[(i + 1) % N][1], &v, 8) != 8 || v >= 1000)
			break;
	}
	close(pipes[(i + 1) % N][1]);
	return NULL;
}

TEST(smp, a_ring_of_pipes)
{
	uint64_t v = 0;

	for (int i = 0; i < N; i++)
		REQUIRE_OK(pipe(pipes[i]));
	start(relay);
	write_all(pipes[0][1], &v, 8);
	join();
	for (int i = 0; i < N; i++) {
		uint64_t last;

		if (read(pipes[i][0], &last, 8) == 8)
			note("left in a pipe: %llu", (unsigned long long)last);
	}
}

static int files[N];

static void *opens(void *arg)
{
	long i = (long)arg, bad = 0;

	for (int n = 0; n < 100; n++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), other = dup(fd);

		bad += fd < 0 || other < 0 || fd == other;
		files[i] = fd;
		bad += close(fd) != 0;
		bad += close(other) != 0;
	}
	return (void *)bad;
}

TEST(smp, descriptors_are_never_given_twice)
{
	int before = open_fd_count();
	long bad = 0;

	start(opens);
	for (int i = 0; i < N; i++) {
		void *r;

		pthread_join(threads[i], &r);
		bad += (long)r;
	}
	note("bad %ld left %d", bad, open_fd_count() - before);
}

static _Atomic int lived;

static void *one_of_many(void *arg)
{
	lived++;
	return arg;
}

static void *breeds(void *arg)
{
	for (int n = 0; n < 25; n++) {
		pthread_t t;

		if (pthread_create(&t, NULL, one_of_many, NULL))
			return (void *)1;
		if (n % 2)
			pthread_join(t, NULL);
		else
			pthread_detach(t);
	}
	return NULL;
}

TEST(smp, a_storm_of_threads)
{
	start(breeds);
	join();
	while (lived < 25 * N)
		sched_yield();
	note("lived %d", lived);
}

static sem_t items, room;
static uint64_t slots[4];
static int head, tail;
static pthread_mutex_t slot_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t consumed;

static void *produce_or_consume(void *arg)
{
	long i = (long)arg;

	for (uint64_t n = 1; n <= 100; n++) {
		sem_wait(i % 2 ? &items : &room);
		pthread_mutex_lock(&slot_lock);
		if (i % 2)
			consumed += slots[tail++ % 4];
		else
			slots[head++ % 4] = n;
		pthread_mutex_unlock(&slot_lock);
		sem_post(i % 2 ? &room : &items);
	}
	return NULL;
}

TEST(smp, producers_and_consumers)
{
	sem_init(&items, 0, 0);
	sem_init(&room, 0, 4);
	start(produce_or_consume);
	join();
	note("consumed %llu", (unsigned long long)consumed);
}

static pthread_mutex_t kinds[5];
static uint64_t guarded[5];

static void *contends(void *arg)
{
	long bad = 0;

	(void)arg;
	pthread_barrier_wait(&barrier);
	for (int n = 0; n < 400; n++)
		for (int k = 0; k < 5; k++) {
			bad += pthread_mutex_lock(&kinds[k]) != 0;
			guarded[k]++;
			bad += pthread_mutex_unlock(&kinds[k]) != 0;
		}
	return (void *)bad;
}

TEST(smp, mutexes_of_each_kind_exclude)
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_NORMAL,
				     PTHREAD_MUTEX_NORMAL };
	long bad = 0;

	for (int k = 0; k < 5; k++) {
		pthread_mutexattr_t attr;

		pthread_mutexattr_init(&attr);
		pthread_mutexattr_settype(&attr, types[k]);
		if (k == 3)
			pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
		if (k == 4)
			REQUIRE_TRUE(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT) == 0);
		REQUIRE_TRUE(pthread_mutex_init(&kinds[k], &attr) == 0);
	}
	start(contends);
	for (int i = 0; i < N; i++) {
		void *r;

		pthread_join(threads[i], &r);
		bad += (long)r;
	}
	note("bad %ld, counted %llu %llu %llu %llu %llu", bad, (unsigned long long)guarded[0], (unsigned long long)guarded[1],
	     (unsigned long long)guarded[2], (unsigned long long)guarded[3], (unsigned long long)guarded[4]);
}
