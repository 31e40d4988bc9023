/* SPDX-License-Identifier: MIT */
/* Shared by the UART drivers: line numbers, clocks, early consoles. */
#pragma once
#include <kernel/device.h>
#include <kernel/printk.h>
#include <kernel/time.h>

#define UART_FLAG_BREAK		1
#define UART_FLAG_PARITY	2
#define UART_FLAG_FRAME		3
#define UART_FLAG_OVERRUN	4

/* The number that /aliases gives as serialN, else the next free one. */
unsigned uart_line_of_node(const struct dt_node *node, unsigned *next);
/* clock-frequency, of the node or of the fixed clock it names; 0: unknown. */
unsigned uart_clock_of_node(const struct dt_node *node);

/* A console that works before the allocator. @setup gets mapped registers and may refuse with NULL. */
struct earlycon {
	const char *name;	/* earlycon=NAME,ADDRESS */
	const char *compatible;
	struct console *(*setup)(char __iomem *base, const char *options);
};
#define EARLYCON(id, n, c, f) static const struct earlycon earlycon_##id __used __section(".earlycon") __aligned(8) = { n, c, f }

static inline void uart_early_put32(char __iomem *base, unsigned status, uint32_t busy, unsigned data, uint8_t c)
{
	for (unsigned i = 0; i < 1000000 && (readl_relaxed(base + status) & busy); i++)
		;
	writel_relaxed(c, base + data);
}
