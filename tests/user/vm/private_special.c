/* SPDX-License-Identifier: MIT */
/* Private pages in the place of the kernel's own: of the vDSO, of a packet ring. */
#include "../harness.h"
#include "../process/util.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static volatile char *vdso(void)
{
	char *p = (char *)getauxval(AT_SYSINFO_EHDR);

	REQUIRE_TRUE(p);
	return p;
}

/* It is not for cutting. */
static size_t vdso_size(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long from = 0, to = 0;
	char line[256];

	REQUIRE_TRUE(f);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, "[vdso]"))
			sscanf(line, "%lx-%lx", &from, &to);
	fclose(f);
	return to - from;
}

/* e_ident of ELF ends with bytes that mean nothing. */
#define SPARE 15

TEST(private_special, vdso_is_written_privately)
{
	volatile char *p = vdso();
	size_t size = vdso_size();
	struct timespec t;
	pid_t pid;

	EXPECT_OK(mprotect((char *)p, size, RW));
	p[SPARE] = 42;
	note("%.3s %d", (char *)p + 1, p[SPARE]);
	CHILD (pid) {
		note("a child has %d", p[SPARE]);
		p[SPARE] = 43;
	}
	EXPECT_EQ(child_status(pid), 0);
	note("%d", p[SPARE]);
	EXPECT_OK(mprotect((char *)p, size, PROT_READ | PROT_EXEC));
	EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &t));
}

TEST(private_special, vdso_of_others_stays)
{
	note("%d", vdso()[SPARE]);
}

TEST(private_special, vdso_by_proc_mem)
{
	volatile char *p = vdso();
	int fd = open("/proc/self/mem", O_RDWR);
	char c = 44;

	REQUIRE_OK(fd);
	EXPECT_EQ(pwrite(fd, &c, 1, (off_t)(uintptr_t)p + SPARE), 1);
	note("%.3s %d", (char *)p + 1, p[SPARE]);
	close(fd);
}

TEST(private_special, ring)
{
	struct tpacket_req r = { PAGE, 1, PAGE, 1 };
	int s = socket(AF_PACKET, SOCK_RAW, htons(0x88b5));
	char *shared, *own;
	pid_t pid;

	REQUIRE_OK(s);
	REQUIRE_OK(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	shared = mmap(NULL, PAGE, RW, MAP_SHARED, s, 0);
	own = mmap(NULL, PAGE, RW, MAP_PRIVATE, s, 0);
	REQUIRE_TRUE(shared != MAP_FAILED);
	EXPECT_TRUE(own != MAP_FAILED);
	if (own == MAP_FAILED)
		return;
	shared[1000] = 1;
	note("%d", own[1000]);
	own[1001] = 2;
	note("%d %d", shared[1001], own[1000]);
	EXPECT_OK(mprotect(own, PAGE, PROT_READ));
	EXPECT_OK(mprotect(own, PAGE, RW));
	note("%d %d", own[1000], own[1001]);
	own[1002] = 3;
	note("%d %d %d, %d", own[1000], own[1001], own[1002], shared[1002]);
	CHILD (pid) {
		own[1003] = 4;
		note("%d %d", own[1000], shared[1003]);
	}
	EXPECT_EQ(child_status(pid), 0);
	note("%d", own[1003]);
}
