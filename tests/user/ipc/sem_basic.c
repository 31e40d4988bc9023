/* SPDX-License-Identifier: MIT */
/* semget(2), semop(2), semctl(2): what each does and refuses. Identifiers are never printed. */
#include "ipc.h"

TEST(sem, get_makes_finds_and_refuses)
{
	int id;

	own_namespace();
	SHOW(semget(77, 0, 0));
	SHOW(semget(77, 0, IPC_CREAT | 0600));
	id = REQUIRE_OK(semget(77, 3, IPC_CREAT | 0600));
	EXPECT_EQ(semget(77, 0, 0), id);
	EXPECT_EQ(semget(77, 3, IPC_CREAT), id);
	SHOW(semget(77, 4, 0));
	SHOW(semget(77, 3, IPC_CREAT | IPC_EXCL));
	SHOW(semget(77, -1, 0));
	SHOW(semget(78, 32001, IPC_CREAT));
	EXPECT_TRUE(semget(IPC_PRIVATE, 1, 0600) != semget(IPC_PRIVATE, 1, 0600));
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semget(77, 0, 0));
}

TEST(sem, values_are_set_and_read)
{
	unsigned short all[3] = { 4, 5, 6 };
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 3, 0600));
	SHOW(semctl(id, 1, GETVAL));
	SHOW(semctl(id, 1, GETPID));
	SHOW(semctl(id, 1, SETVAL, (union semun){ .val = 9 }));
	SHOW(semctl(id, 1, GETVAL));
	EXPECT_EQ(semctl(id, 1, GETPID), getpid());
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = all }));
	memset(all, 0, sizeof(all));
	SHOW(semctl(id, 0, GETALL, (union semun){ .array = all }));
	note("%u %u %u", all[0], all[1], all[2]);
	SHOW(semctl(id, 3, GETVAL));
	SHOW(semctl(id, -1, GETVAL));
	SHOW(semctl(id, 3, SETVAL, (union semun){ .val = 1 }));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 32768 }));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = -1 }));
	all[2] = 32768;
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = all }));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semctl(id, 0, GETALL, (union semun){ .array = (void *)8 }));
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = (void *)8 }));
	SHOW(semctl(id, 0, 99));
	SHOW(semctl(-1, 0, GETVAL));
	SHOW(semctl(id + 32768 * 3, 0, GETVAL));
	SHOW(semctl(id + 7, 0, GETVAL));
}

TEST(sem, operations_add_take_and_test_for_zero)
{
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 2, 0600));
	SHOW(sem_do(id, 0, 0, 0));
	SHOW(sem_do(id, 0, 3, 0));
	SHOW(sem_do(id, 0, 0, IPC_NOWAIT));
	SHOW(sem_do(id, 0, -2, 0));
	SHOW(sem_value(id, 0));
	SHOW(sem_do(id, 0, -2, IPC_NOWAIT));
	SHOW(sem_value(id, 0));
	SHOW(sem_do(id, 1, 32767, 0));
	SHOW(sem_do(id, 1, 1, 0));
	SHOW(sem_do(id, 2, 1, 0));
}

TEST(sem, several_operations_are_done_all_or_not_at_all)
{
	struct sembuf ops[] = { { 0, 1, 0 }, { 1, -1, IPC_NOWAIT }, { 2, 5, 0 } };
	struct sembuf same[] = { { 0, 2, 0 }, { 0, -1, 0 }, { 0, -1, 0 }, { 0, 0, 0 }, { 0, 7, 0 } };
	struct sembuf range[] = { { 0, 1, 0 }, { 1, 32767, 0 }, { 1, 1, 0 } };
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 3, 0600));
	SHOW(semop(id, ops, 3));
	note("%d %d %d", sem_value(id, 0), sem_value(id, 1), sem_value(id, 2));
	sem_set(id, 1, 1);
	SHOW(semop(id, ops, 3));
	note("%d %d %d", sem_value(id, 0), sem_value(id, 1), sem_value(id, 2));
	sem_set(id, 0, 0);
	SHOW(semop(id, same, 5));
	SHOW(sem_value(id, 0));
	SHOW(semop(id, range, 3));
	note("%d %d %d", sem_value(id, 0), sem_value(id, 1), sem_value(id, 2));
}

TEST(sem, operations_with_bad_arguments)
{
	struct sembuf ops[501] = { { 0, 1, 0 } };
	struct timespec bad = { 0, 1000000000 };
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	SHOW(semop(id, ops, 0));
	SHOW(semop(id, ops, 501));
	SHOW(semop(-1, ops, 501));
	SHOW(semop(-1, ops, 1));
	SHOW(semop(id, (void *)8, 1));
	SHOW(semop(id + 5, ops, 1));
	SHOW(semop(id + 32768 * 5, ops, 1));
	SHOW(semtimedop(id, ops, 1, &bad));
	SHOW(semtimedop(id, ops, 1, (void *)8));
	SHOW(sem_value(id, 0));
}

TEST(sem, status_and_owner_change)
{
	struct semid_ds ds;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(42, 2, IPC_CREAT | 0640));
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	note("key %d mode %o nsems %lu otime %d", ds.sem_perm.__key, ds.sem_perm.mode, (unsigned long)ds.sem_nsems, ds.sem_otime != 0);
	EXPECT_TRUE(ds.sem_ctime > 0);
	sem_do(id, 0, 1, 0);
	semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds });
	EXPECT_TRUE(ds.sem_otime > 0);
	ds.sem_perm.uid = 1000;
	ds.sem_perm.gid = 1001;
	ds.sem_perm.mode = 07777;
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }));
	memset(&ds, 0, sizeof(ds));
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	note("uid %u gid %u cuid %u cgid %u mode %o", ds.sem_perm.uid, ds.sem_perm.gid, ds.sem_perm.cuid, ds.sem_perm.cgid, ds.sem_perm.mode);
	ds.sem_perm.uid = -1;
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }));
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = (void *)8 }));
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = (void *)8 }));
}

TEST(sem, permissions)
{
	struct semid_ds ds;
	int id, open;

	own_namespace();
	id = REQUIRE_OK(semget(11, 1, IPC_CREAT | 0640));
	open = REQUIRE_OK(semget(12, 1, IPC_CREAT | 0604));
	AS_USER(1000, 1000,
		SHOW(semget(11, 1, 0));
		SHOW(semget(11, 1, 0400));
		EXPECT_EQ(semget(11, 1, 0), id);
		SHOW(semctl(id, 0, GETVAL));
		SHOW(sem_do(id, 0, 0, 0));
		SHOW(sem_do(id, 0, 1, 0));
		SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
		SHOW(semctl(id, 0, IPC_RMID));
		SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 1 }));
		EXPECT_EQ(semget(12, 1, 0400), open);
		SHOW(semget(12, 1, 0600));
		SHOW(semctl(open, 0, GETVAL));
		SHOW(sem_do(open, 0, 0, 0));
		SHOW(sem_do(open, 0, 1, 0)));
	AS_USER(1000, 0,
		SHOW(semctl(id, 0, GETVAL));
		SHOW(sem_do(id, 0, 1, 0)));
}

TEST(sem, information_about_the_machine)
{
	struct seminfo i;
	struct semid_ds ds;
	int id, max, found = 0;

	own_namespace();
	SHOW(semctl(0, 0, IPC_INFO, (union semun){ .info = &i }));
	note("mni %d mns %d msl %d opm %d vmx %d aem %d map %d mnu %d ume %d usz %d", i.semmni, i.semmns, i.semmsl, i.semopm, i.semvmx, i.semaem,
	     i.semmap, i.semmnu, i.semume, i.semusz);
	id = REQUIRE_OK(semget(IPC_PRIVATE, 5, 0600));
	REQUIRE_OK(semget(IPC_PRIVATE, 7, 0600));
	max = REQUIRE_OK(semctl(0, 0, SEM_INFO, (union semun){ .info = &i }));
	note("max %d sets %d semaphores %d", max, i.semusz, i.semaem);
	for (int n = 0; n <= max; n++)
		if (semctl(n, 0, SEM_STAT, (union semun){ .buf = &ds }) == id)
			found = (int)ds.sem_nsems;
	note("found %d", found);
	AS_USER(1000, 1000,
		SHOW(semctl(0, 0, SEM_STAT, (union semun){ .buf = &ds }));
		EXPECT_OK(semctl(0, 0, 20 /* SEM_STAT_ANY */, (union semun){ .buf = &ds })));
	SHOW(semctl(max + 1, 0, SEM_STAT, (union semun){ .buf = &ds }));
}

TEST(sem, limits_are_files_that_count)
{
	own_namespace();
	note("%s", get_file("/proc/sys/kernel/sem"));
	put_file("/proc/sys/kernel/sem", "10 20 3 4");
	note("%s", get_file("/proc/sys/kernel/sem"));
	SHOW(semget(IPC_PRIVATE, 11, 0600));
	EXPECT_OK(semget(IPC_PRIVATE, 10, 0600));
	EXPECT_OK(semget(IPC_PRIVATE, 9, 0600));
	SHOW(semget(IPC_PRIVATE, 2, 0600));
	EXPECT_OK(semget(IPC_PRIVATE, 1, 0600));
	put_file("/proc/sys/kernel/sem", "10 2000 3 3");
	SHOW(semget(IPC_PRIVATE, 1, 0600));
	SHOW(semop(0, (struct sembuf[4]){ { 0, 1, 0 } }, 4));
}

TEST(sem, a_namespace_has_its_own)
{
	int id = semget(4242, 1, IPC_CREAT | 0600);

	EXPECT_OK(id);
	IN_CHILD(own_namespace();
		 SHOW(semget(4242, 1, 0));
		 SHOW(semctl(id, 0, GETVAL)));
	EXPECT_EQ(semget(4242, 1, 0), id);
	SHOW(semctl(id, 0, IPC_RMID));
}

TEST(sem, proc_shows_them)
{
	char *line;

	own_namespace();
	note("%s", get_file("/proc/sysvipc/sem"));
	semget(99, 7, IPC_CREAT | 0644);
	line = strchr(get_file("/proc/sysvipc/sem"), '\n') + 1;
	note("%.65s", line);
}
