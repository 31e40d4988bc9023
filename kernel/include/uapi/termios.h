/* SPDX-License-Identifier: MIT */
/* Terminals: termios(3), ioctl_tty(2). asm-generic's layout, the same on arm64 and x86_64. */
#pragma once
#include <stdint.h>

#define NCCS 19
struct termios_user {			/* TCGETS: what C libraries translate to their own struct termios */
	uint32_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line;
	uint8_t c_cc[NCCS];
};
_Static_assert(sizeof(struct termios_user) == 36, "TCGETS ABI");
struct termios2_user {			/* TCGETS2 */
	uint32_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line;
	uint8_t c_cc[NCCS];
	uint32_t c_ispeed, c_ospeed;
};
_Static_assert(sizeof(struct termios2_user) == 44, "TCGETS2 ABI");
struct termio_user {			/* TCGETA */
	uint16_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line;
	uint8_t c_cc[8];
};
_Static_assert(sizeof(struct termio_user) == 18, "TCGETA ABI");
struct winsize {
	uint16_t ws_row, ws_col, ws_xpixel, ws_ypixel;
};
_Static_assert(sizeof(struct winsize) == 8, "TIOCGWINSZ ABI");
struct serial_struct {			/* TIOCGSERIAL */
	int32_t type, line;
	uint32_t port;
	int32_t irq, flags, xmit_fifo_size, custom_divisor, baud_base;
	uint16_t close_delay;
	uint8_t io_type, reserved_char;
	int32_t hub6;
	uint16_t closing_wait, closing_wait2;
	uint64_t iomem_base;
	uint16_t iomem_reg_shift;
	uint32_t port_high;
	uint64_t iomap_base;
};
_Static_assert(sizeof(struct serial_struct) == 72, "TIOCGSERIAL ABI");
struct serial_icounter_struct {		/* TIOCGICOUNT */
	int32_t cts, dsr, rng, dcd, rx, tx, frame, overrun, parity, brk, buf_overrun;
	int32_t reserved[9];
};
_Static_assert(sizeof(struct serial_icounter_struct) == 80, "TIOCGICOUNT ABI");

/* c_cc */
#define VINTR 0
#define VQUIT 1
#define VERASE 2
#define VKILL 3
#define VEOF 4
#define VTIME 5
#define VMIN 6
#define VSWTC 7
#define VSTART 8
#define VSTOP 9
#define VSUSP 10
#define VEOL 11
#define VREPRINT 12
#define VDISCARD 13
#define VWERASE 14
#define VLNEXT 15
#define VEOL2 16

/* c_iflag */
#define IGNBRK 0x0001u
#define BRKINT 0x0002u
#define IGNPAR 0x0004u
#define PARMRK 0x0008u
#define INPCK 0x0010u
#define ISTRIP 0x0020u
#define INLCR 0x0040u
#define IGNCR 0x0080u
#define ICRNL 0x0100u
#define IUCLC 0x0200u
#define IXON 0x0400u
#define IXANY 0x0800u
#define IXOFF 0x1000u
#define IMAXBEL 0x2000u
#define IUTF8 0x4000u

/* c_oflag */
#define OPOST 0x0001u
#define OLCUC 0x0002u
#define ONLCR 0x0004u
#define OCRNL 0x0008u
#define ONOCR 0x0010u
#define ONLRET 0x0020u
#define TABDLY 0x1800u
#define XTABS 0x1800u

/* c_cflag */
#define CBAUD 0x100fu
#define B0 0u
#define B9600 13u
#define B38400 15u
#define B115200 0x1002u
#define BOTHER 0x1000u
#define CSIZE 0x0030u
#define CS8 0x0030u
#define CSTOPB 0x0040u
#define CREAD 0x0080u
#define PARENB 0x0100u
#define PARODD 0x0200u
#define HUPCL 0x0400u
#define CLOCAL 0x0800u
#define CIBAUD 0x100f0000u
#define IBSHIFT 16
#define CMSPAR 0x40000000u
#define CRTSCTS 0x80000000u

/* c_lflag */
#define ISIG 0x0001u
#define ICANON 0x0002u
#define XCASE 0x0004u
#define ECHO 0x0008u
#define ECHOE 0x0010u
#define ECHOK 0x0020u
#define ECHONL 0x0040u
#define NOFLSH 0x0080u
#define TOSTOP 0x0100u
#define ECHOCTL 0x0200u
#define ECHOPRT 0x0400u
#define ECHOKE 0x0800u
#define FLUSHO 0x1000u
#define PENDIN 0x4000u
#define IEXTEN 0x8000u
#define EXTPROC 0x10000u

#define TCIFLUSH 0
#define TCOFLUSH 1
#define TCIOFLUSH 2
#define TCOOFF 0
#define TCOON 1
#define TCIOFF 2
#define TCION 3

/* Modem lines */
#define TIOCM_LE 0x001u
#define TIOCM_DTR 0x002u
#define TIOCM_RTS 0x004u
#define TIOCM_CTS 0x020u
#define TIOCM_CAR 0x040u
#define TIOCM_RNG 0x080u
#define TIOCM_DSR 0x100u
#define TIOCM_OUT1 0x2000u
#define TIOCM_OUT2 0x4000u
#define TIOCM_LOOP 0x8000u

/* Packet mode */
#define TIOCPKT_DATA 0
#define TIOCPKT_FLUSHREAD 1
#define TIOCPKT_FLUSHWRITE 2
#define TIOCPKT_STOP 4
#define TIOCPKT_START 8
#define TIOCPKT_NOSTOP 16
#define TIOCPKT_DOSTOP 32
#define TIOCPKT_IOCTL 64
