/* SPDX-License-Identifier: MIT */
/* modules: unix_diag */
/* sock_diag of Unix sockets. Sockets are told by the names that the test gives their inodes. */
#include "diag.h"
#include <sys/sysmacros.h>
#include <sys/un.h>

static const char *type_name(int t)
{
	return t == SOCK_STREAM ? "stream" : t == SOCK_DGRAM ? "dgram" : t == SOCK_SEQPACKET ? "seqpacket" : "?";
}

static struct unix_diag_msg last;
static int only_known;

static void show(const struct nlmsghdr *h)
{
	const struct unix_diag_msg *m = NLMSG_DATA(h);
	int left = (int)h->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*m));
	const struct nlattr *a = (const struct nlattr *)(m + 1);

	if (only_known && !strcmp(known_as(m->udiag_ino), "?"))
		return;
	note("type %d family %d %s %s %s pad %d cookie %d", h->nlmsg_type, m->udiag_family, type_name(m->udiag_type), state_name(m->udiag_state),
	     known_as(m->udiag_ino), m->pad, m->udiag_cookie[0] || m->udiag_cookie[1]);
	last = *m;
	for (; left >= (int)sizeof(*a); left -= NLMSG_ALIGN(a->nla_len), a = (const void *)((const char *)a + NLMSG_ALIGN(a->nla_len))) {
		const unsigned *w = (const unsigned *)(a + 1);
		unsigned len = a->nla_len - NLA_HDRLEN;
		struct stat st;
		char name[128];

		switch (a->nla_type) {
		case UNIX_DIAG_NAME:
			snprintf(name, sizeof(name), "%.*s", (int)len, (char *)w);
			if (!name[0])
				snprintf(name, sizeof(name), "@%.*s", (int)len - 1, (char *)w + 1);
			note("  name %s length %d", name, len);
			break;
		case UNIX_DIAG_VFS:
			REQUIRE_OK(stat("sock", &st));
			note("  vfs: inode %d device %d", w[0] == (unsigned)st.st_ino, w[1] == (major(st.st_dev) << 20 | minor(st.st_dev)));
			break;
		case UNIX_DIAG_PEER:
			note("  peer %s", known_as(w[0]));
			break;
		case UNIX_DIAG_ICONS:
			note("  %d waiting", len / 4);
			for (unsigned i = 0; i < len / 4; i++)
				note("    %s", known_as(w[i]));
			break;
		case UNIX_DIAG_RQLEN:
			note("  queue %u, %s", w[0], last.udiag_state == TCP_LISTEN ? w[1] == 3 ? "3" : "?" : w[1] ? "some" : "none");
			break;
		case UNIX_DIAG_MEMINFO:
			note("  meminfo: %d words, rcvbuf %d sndbuf %d written %d", len / 4, w[SK_MEMINFO_RCVBUF] > 0, w[SK_MEMINFO_SNDBUF] > 0,
			     w[SK_MEMINFO_WMEM_ALLOC] > 0);
			break;
		case UNIX_DIAG_SHUTDOWN:
			note("  shutdown %d length %d", *(unsigned char *)w, len);
			break;
		case UNIX_DIAG_UID:
			note("  uid %u length %d", w[0], len);
			break;
		default:
			note("  attribute %d length %d", a->nla_type, len);
		}
	}
}

static void one(int fd, int sock, unsigned what)
{
	struct unix_diag_req *r = start(SOCK_DIAG_BY_FAMILY, REQ, sizeof(*r));

	r->sdiag_family = AF_UNIX;
	r->udiag_states = ALL;
	r->udiag_ino = inode(sock);
	r->udiag_show = what;
	r->udiag_cookie[0] = r->udiag_cookie[1] = ALL;
	ask(fd, show);
}

static socklen_t name_it(struct sockaddr_un *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	strcpy(a->sun_path, name);
	if (name[0] == '@')
		a->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@');
}

TEST(diag_unix, a_pair)
{
	int fd = diag_socket(), p[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	know(inode(p[0]), "a");
	know(inode(p[1]), "b");
	one(fd, p[0], 0);
	one(fd, p[0], 0x7f);
	write_all(p[0], "hello", 5);
	one(fd, p[0], UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO);
	one(fd, p[1], UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO);
	REQUIRE_OK(shutdown(p[0], SHUT_WR));
	one(fd, p[0], UDIAG_SHOW_PEER);
	one(fd, p[1], UDIAG_SHOW_PEER);
	close(p[1]);
	one(fd, p[0], UDIAG_SHOW_PEER);
}

TEST(diag_unix, listener_and_connections)
{
	int fd = diag_socket(), l, c, d, s;
	struct sockaddr_un a;
	socklen_t len = name_it(&a, "sock");

	l = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	know(inode(l), "listener");
	one(fd, l, 0x7f);
	REQUIRE_OK(bind(l, (void *)&a, len));
	one(fd, l, 0x7f);
	REQUIRE_OK(listen(l, 3));
	one(fd, l, 0x7f);
	c = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	d = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	know(inode(c), "c");
	know(inode(d), "d");
	REQUIRE_OK(connect(c, (void *)&a, len));
	REQUIRE_OK(connect(d, (void *)&a, len));
	one(fd, l, 0x7f);
	one(fd, c, 0x7f);
	s = REQUIRE_OK(accept(l, NULL, NULL));
	know(inode(s), "s");
	one(fd, l, 0x7f);
	one(fd, s, 0x7f);
	one(fd, c, 0x7f);
}

TEST(diag_unix, datagrams)
{
	int fd = diag_socket(), s, c, p[2];
	struct sockaddr_un a;
	socklen_t len = name_it(&a, "@diag_unix");

	s = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	c = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	know(inode(s), "s");
	know(inode(c), "c");
	REQUIRE_OK(bind(s, (void *)&a, len));
	REQUIRE_OK(connect(c, (void *)&a, len));
	one(fd, s, 0x7f);
	one(fd, c, 0x7f);
	write_all(c, "hello", 5);
	write_all(c, "hi", 2);
	one(fd, s, UDIAG_SHOW_RQLEN);
	one(fd, c, UDIAG_SHOW_RQLEN);
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, p));
	know(inode(p[0]), "a");
	know(inode(p[1]), "b");
	one(fd, p[0], UDIAG_SHOW_PEER);
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p));
	know(inode(p[0]), "e");
	know(inode(p[1]), "f");
	write_all(p[0], "hello", 5);
	write_all(p[0], "hi", 2);
	one(fd, p[1], UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN);
}

TEST(diag_unix, dumps_by_state)
{
	static const struct { const char *what; unsigned states; } sets[] = {
		{ "all", ALL }, { "none", 0 }, { "established", 1 << TCP_ESTABLISHED }, { "listening", 1 << TCP_LISTEN }, { "closed", 1 << TCP_CLOSE },
	};
	int fd = diag_socket(), p[2], l, u;
	struct sockaddr_un a;
	socklen_t len = name_it(&a, "@diag_unix_dump");

	only_known = 1;
	u = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	know(inode(u), "unbound");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct unix_diag_req *r = start(SOCK_DIAG_BY_FAMILY, DUMP, sizeof(*r));

		r->sdiag_family = AF_UNIX;
		r->udiag_states = sets[i].states;
		note("%s:", sets[i].what);
		ask(fd, show);
	}
	close(u);
	nr_known = 0;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	know(inode(p[0]), "a");
	l = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	REQUIRE_OK(bind(l, (void *)&a, len));
	REQUIRE_OK(listen(l, 1));
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct unix_diag_req *r = start(SOCK_DIAG_BY_FAMILY, DUMP, sizeof(*r));

		r->sdiag_family = AF_UNIX;
		r->udiag_states = sets[i].states;
		note("%s:", sets[i].what);
		ask(fd, show);
	}
	nr_known = 0;
	know(inode(l), "listener");
	struct unix_diag_req *r = start(SOCK_DIAG_BY_FAMILY, DUMP, sizeof(*r));
	r->sdiag_family = AF_UNIX;
	r->udiag_states = 1 << TCP_LISTEN;
	r->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_ICONS;
	ask(fd, show);
}

TEST(diag_unix, many)
{
	struct unix_diag_req *r;
	int fd = diag_socket(), p[2];
	int before, after;

	r = start(SOCK_DIAG_BY_FAMILY, DUMP, sizeof(*r));
	r->sdiag_family = AF_UNIX;
	r->udiag_states = ALL;
	r->udiag_show = 0x7f;
	before = ask(fd, NULL);
	for (int i = 0; i < 300; i++)
		REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	after = ask(fd, NULL);
	note("%d", after - before);
}

TEST(diag_unix, errors)
{
	int fd = diag_socket(), s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	struct unix_diag_req *r = start(SOCK_DIAG_BY_FAMILY, REQ, sizeof(*r));
	uint64_t c;
	socklen_t len = sizeof(c);

	know(inode(s), "s");
	r->sdiag_family = AF_UNIX;
	note("no inode:");
	ask(fd, show);
	note("another inode:");
	r->udiag_ino = 0x7ffffff0;
	ask(fd, show);
	note("another cookie:");
	r->udiag_ino = inode(s);
	ask(fd, show);
	note("its cookie:");
	REQUIRE_OK(getsockopt(s, SOL_SOCKET, SO_COOKIE, &c, &len));
	r->udiag_cookie[0] = (uint32_t)c;
	r->udiag_cookie[1] = (uint32_t)(c >> 32);
	ask(fd, show);
	note("too short:");
	r = start(SOCK_DIAG_BY_FAMILY, REQ, sizeof(*r) - 4);
	r->sdiag_family = AF_UNIX;
	ask(fd, show);
	note("destroy:");
	r = start(SOCK_DESTROY, REQ, sizeof(*r));
	r->sdiag_family = AF_UNIX;
	ask(fd, show);
	/* Whose it is, the opener's: not who asks. */
	REQUIRE_OK(fchown(s, 123, 456));
	one(fd, s, UDIAG_SHOW_UID);
}
