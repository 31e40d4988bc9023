/* SPDX-License-Identifier: MIT */
/*
 * Power State Coordination Interface: starts CPUs, switches the system off, resets it.
 * Bindings: arm,psci (function ids in the tree), arm,psci-0.2, arm,psci-1.0. Reference: Arm DEN 0022.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <arch/smccc.h>

#define PSCI_VERSION		0x84000000u
#define PSCI_CPU_OFF		0x84000002u
#define PSCI_CPU_ON		0xc4000003u
#define PSCI_SYSTEM_OFF		0x84000008u
#define PSCI_SYSTEM_RESET	0x84000009u

static bool by_smc;
static uint32_t fn_cpu_on = PSCI_CPU_ON, fn_cpu_off = PSCI_CPU_OFF;

static int to_errno(long ret)
{
	switch ((int32_t)ret) {
	case 0:
		return 0;
	case -1:	/* NOT_SUPPORTED */
		return -EOPNOTSUPP;
	case -2:	/* INVALID_PARAMETERS */
	case -9:	/* INVALID_ADDRESS */
		return -EINVAL;
	case -3:	/* DENIED */
		return -EPERM;
	case -4:	/* ALREADY_ON */
	case -5:	/* ON_PENDING */
		return -EBUSY;
	default:
		return -EIO;
	}
}

static int psci_start(unsigned cpu, uint64_t hwid, paddr_t entry, uint64_t context)
{
	return to_errno(arch_smccc(by_smc, fn_cpu_on, hwid, entry, context));
}

static void psci_die(void)
{
	(void)arch_smccc(by_smc, fn_cpu_off, 0, 0, 0);
}

static const struct cpu_ops psci_cpu_ops = { .method = "psci", .start = psci_start, .die = psci_die };

static void psci_off(void)
{
	(void)arch_smccc(by_smc, PSCI_SYSTEM_OFF, 0, 0, 0);
}

static void psci_reset(void)
{
	(void)arch_smccc(by_smc, PSCI_SYSTEM_RESET, 0, 0, 0);
}

static int psci_probe(struct dt_node *node, const struct dt_match *match)
{
	const char *method = dt_string(node, "method");
	bool v02 = match->data != NULL;
	long version;

	if (!method || (strcmp(method, "smc") && strcmp(method, "hvc")))
		return -EINVAL;
	by_smc = !strcmp(method, "smc");
	if (!v02) {
		/* 0.1: only the functions the tree gives numbers for. */
		if (dt_u32(node, "cpu_on", &fn_cpu_on))
			return -EINVAL;
		(void)dt_u32(node, "cpu_off", &fn_cpu_off);
		cpu_ops_register(&psci_cpu_ops);
		return 0;
	}
	version = arch_smccc(by_smc, PSCI_VERSION, 0, 0, 0);
	if ((int32_t)version < 0)
		return to_errno(version);
	pr_info("psci: v%u.%u by %s\n", (unsigned)(version >> 16 & 0x7fff), (unsigned)(version & 0xffff), method);
	cpu_ops_register(&psci_cpu_ops);
	power_register(psci_off, psci_reset);
	return 0;
}

static const struct dt_match psci_match[] = {
	{ "arm,psci-1.0", "0.2 or later" },
	{ "arm,psci-0.2", "0.2 or later" },
	{ "arm,psci", NULL },
	{ NULL, NULL },
};
DRIVER(psci, .match = psci_match, .probe = psci_probe, .phase = PROBE_FIRMWARE);
