# SPDX-License-Identifier: MIT
#
# Aramid: the whole build, non-recursive.  `make help` lists what it can do.
#
#   ARCH=arm64                      architecture
#   CONFIG=release|debug|kasan|cov  configuration, release by default
#   CC=clang                        second compiler (clang 14)
#   BUILD=DIR                       where everything made goes
#   KTEST=1                         link the in-kernel tests (default in all but release)
#   WERROR=0                        let warnings pass (for compilers other than the two we use)
#   THIRD_PARTY=DIR                 unpacked third-party sources instead of fetched ones

ARCH ?= arm64
CONFIG ?= release
VERSION := 0.1
RELEASE := 6.6.0-aramid-$(VERSION)
WERROR ?= 1
SMP ?= 4
MEM ?= 512
CPU ?= max,pauth-impdef=on
NR_CPUS ?= 8
V ?= 0

ifeq ($(filter release debug kasan cov,$(CONFIG)),)
$(error CONFIG=$(CONFIG): one of release, debug, kasan, cov)
endif
ifeq ($(wildcard arch/$(ARCH)/arch.mk),)
$(error ARCH=$(ARCH): no such architecture)
endif

DEBUG := $(if $(filter debug kasan,$(CONFIG)),1,0)
KASAN := $(if $(filter kasan,$(CONFIG)),1,0)
COV := $(if $(filter cov,$(CONFIG)),1,0)
KTEST ?= $(if $(filter release,$(CONFIG)),0,1)

CLANG := $(if $(findstring clang,$(CC)),1,0)
BUILD ?= build/$(ARCH)$(if $(filter release,$(CONFIG)),$(if $(filter 1,$(KTEST)),-ktest),-$(CONFIG))$(if \
	$(filter 1,$(CLANG)),-clang)

Q := $(if $(filter 1,$(V)),,@)
# One line a step; with V=1 the whole command, with -s nothing.
QUIET := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(filter 1,$(V)),,@$(if $(QUIET),,printf '  %-7s %s\n' '$(1)' '$(2)';))

comma := ,

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# ---- what the architecture says: CROSS, CLANG_TARGET, ARCH_CFLAGS, BOOT_CFLAGS, QEMU, IMAGE_NAME
include arch/$(ARCH)/arch.mk

# ---- tools
ifeq ($(CLANG),1)
override CC := $(if $(filter clang,$(CC)),clang-14,$(CC))
KCC := $(CC) --target=$(CLANG_TARGET)
AUTO_INIT_CC := -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
WARN_CC := -Wno-string-plus-int -Wno-format-nonliteral -Wno-gnu-variable-sized-type-not-at-end -Wno-unused-command-line-argument
else
ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
KCC := $(CC)
ARCH_CFLAGS += $(ARCH_GCC_CFLAGS)
WARN_CC := -Wimplicit-fallthrough=5 -Wduplicated-cond
endif
ifeq ($(origin LD),default)
LD := $(CROSS)ld
endif
OBJCOPY := $(CROSS)objcopy
NM := $(CROSS)nm
AWK ?= awk
CC_INCLUDE := $(shell $(KCC) -print-file-name=include 2>/dev/null)

# ---- flags
INCLUDES := -Ikernel/include -Iarch/$(ARCH)/include -I$(BUILD)/include
CONFIG_H := $(BUILD)/include/config.h
WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wformat=2 -Wno-unused-parameter -Wframe-larger-than=$(if $(filter 1,$(KASAN)),2048,1024) \
	$(WARN_CC) $(if $(filter 1,$(WERROR)),-Werror)
CODEGEN := -std=gnu11 -O2 -g -ffreestanding -fno-common -fno-strict-aliasing -fno-omit-frame-pointer \
	-fno-pic -fno-pie -fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections \
	-fno-delete-null-pointer-checks -fwrapv -nostdinc -isystem $(CC_INCLUDE) -include $(CONFIG_H) \
	-ffile-prefix-map=$(CURDIR)/= $(ARCH_CFLAGS)
UBSAN := $(if $(filter 1,$(CLANG)),-fsanitize=undefined -fsanitize-trap=undefined,-fsanitize=undefined \
	-fsanitize-undefined-trap-on-error) -fno-sanitize=alignment,shift-base,signed-integer-overflow,null,pointer-overflow
ifeq ($(DEBUG),1)
CHECKS := -fno-optimize-sibling-calls -fstack-protector-strong -ftrivial-auto-var-init=zero $(AUTO_INIT_CC)
SANITIZE := $(UBSAN)
else
CHECKS := -fno-stack-protector
endif
ifeq ($(KASAN),1)
SANITIZE += $(ARCH_KASAN)
endif
ifeq ($(COV),1)
$(error CONFIG=cov: coverage inside the kernel is not there yet, see CAVEATS.md)
endif

KFLAGS := $(CODEGEN) $(INCLUDES) $(WARN) $(CHECKS)
KERNEL_CFLAGS = $(KFLAGS) $(TP_INCLUDES) $(SANITIZE)
ARCH_DIR_CFLAGS = $(KERNEL_CFLAGS) -DMACHDEP
BOOT_DIR_CFLAGS = $(KFLAGS) $(TP_INCLUDES) -DMACHDEP $(BOOT_CFLAGS) -fno-stack-protector
ASFLAGS_ALL := -D__ASSEMBLY__ -DMACHDEP -g -nostdinc -isystem $(CC_INCLUDE) -include $(CONFIG_H) $(ARCH_ASFLAGS) \
	$(INCLUDES)
# Foreign code: its own include shims, our code generation, no warnings, no sanitizers.
TP_CFLAGS = $(CODEGEN) $(INCLUDES) $(TP_INCLUDES) -w -fno-stack-protector

# ---- sources
KERNEL_C := $(sort $(shell find kernel net -name '*.c' 2>/dev/null))
ARCH_S := $(sort $(shell find arch/$(ARCH) boot/$(ARCH) -name '*.S' 2>/dev/null))
# What is linked by itself: the vDSO, and what unpacks the kernel.
ARCH_S := $(filter-out %.lds.S arch/$(ARCH)/vdso/% boot/$(ARCH)/unpack/%,$(ARCH_S))
ARCH_C := $(filter-out arch/$(ARCH)/vdso/%,$(sort $(shell find arch/$(ARCH) -name '*.c' 2>/dev/null)))
BOOT_C := $(filter-out boot/$(ARCH)/unpack/%,$(sort $(shell find boot/$(ARCH) -name '*.c' 2>/dev/null)))
KTEST_C := $(if $(filter 1,$(KTEST)),$(sort $(shell find tests/ktest -name '*.c' 2>/dev/null)))
LDS := arch/$(ARCH)/kernel.lds.S

GEN := $(BUILD)/include/generated
SYSCALL_DEF := kernel/syscall/syscalls.def
# Ours first; the others say which prototypes are in use there.
SYSCALL_TBL := arch/$(ARCH)/syscalls.tbl
SYSCALL_TBL += $(filter-out $(SYSCALL_TBL),$(wildcard arch/*/syscalls.tbl))
GEN_H := $(CONFIG_H) $(GEN)/version.h $(GEN)/syscall_protos.h

OBJS = $(patsubst %,$(BUILD)/%.o,$(basename $(KERNEL_C) $(ARCH_C) $(BOOT_C) $(KTEST_C))) \
	$(patsubst %.S,$(BUILD)/%.S.o,$(ARCH_S)) $(TP_OBJS) $(BUILD)/generated/syscall_table.o
ELF := $(BUILD)/aramid.elf
IMAGE := $(BUILD)/$(IMAGE_NAME)

all: $(IMAGE)

include kernel/lib/third_party/third_party.mk

# ---- generated headers; a file is rewritten only when its text changes
write_if_changed = { mkdir -p $(@D) && cat >$@.new && { cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }; }

$(CONFIG_H): FORCE
	@printf '#define CONFIG_%s\n' 'DEBUG $(DEBUG)' 'LOCKDEP $(DEBUG)' 'UBSAN $(DEBUG)' 'KASAN $(KASAN)' \
		'COV $(COV)' 'THREAD_SAFETY $(if $(THREAD_SAFETY),1,0)' 'KTEST $(KTEST)' 'SMP 1' 'NR_CPUS $(NR_CPUS)' $(ARCH_CONFIG) | $(write_if_changed)

$(GEN)/version.h: FORCE
	@printf '#define AR_%s\n' 'RELEASE "$(RELEASE)"' 'VERSION "$(VERSION)"' 'CONFIG "$(CONFIG)"' | \
		$(write_if_changed)

# The flags themselves are a prerequisite: other flags, other objects.
$(BUILD)/.flags: FORCE
	@printf '%s\n' '$(KCC)' '$(KERNEL_CFLAGS)' '$(BOOT_DIR_CFLAGS)' '$(ASFLAGS_ALL)' '$(TP_CFLAGS) $(TP_DEFINES)' | $(write_if_changed)

$(GEN)/syscall_protos.h: $(SYSCALL_DEF) $(SYSCALL_TBL) tools/gen_syscalls.awk
	$(call say,GEN,$@)mkdir -p $(@D) && $(AWK) -v out=protos -f tools/gen_syscalls.awk $(SYSCALL_DEF) $(SYSCALL_TBL) >$@
$(BUILD)/generated/syscall_table.c: $(SYSCALL_DEF) $(SYSCALL_TBL) tools/gen_syscalls.awk
	$(call say,GEN,$@)mkdir -p $(@D) && $(AWK) -v out=table -f tools/gen_syscalls.awk $(SYSCALL_DEF) $(SYSCALL_TBL) >$@

# ---- objects; each also leaves its line for compile_commands.json
define compile
	$(call say,$(1),$<)mkdir -p $(@D) && \
	printf '{"directory":"%s","file":"%s","output":"%s","command":"%s"},\n' '$(CURDIR)' '$<' '$@' \
		'$(subst ",\\\\",$(KCC) $(2) -c $< -o $@)' >$(@:.o=.cmd.json) && \
	$(KCC) $(2) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
endef

$(OBJS): $(BUILD)/.flags | $(GEN_H)

$(BUILD)/kernel/%.o: kernel/%.c
	$(call compile,CC,$(KERNEL_CFLAGS))
$(BUILD)/net/%.o: net/%.c
	$(call compile,CC,$(KERNEL_CFLAGS))
$(BUILD)/tests/ktest/%.o: tests/ktest/%.c
	$(call compile,CC,$(KERNEL_CFLAGS))
$(BUILD)/generated/%.o: $(BUILD)/generated/%.c
	$(call compile,CC,$(KERNEL_CFLAGS))
$(BUILD)/arch/%.o: arch/%.c
	$(call compile,CC,$(ARCH_DIR_CFLAGS))
$(BUILD)/boot/%.o: boot/%.c
	$(call compile,CC,$(BOOT_DIR_CFLAGS))
$(BUILD)/%.S.o: %.S
	$(call compile,AS,$(ASFLAGS_ALL))

# ---- link: twice, so that the kernel carries the names of its own functions
LDFLAGS_ALL := -nostdlib -static --gc-sections --build-id=none -z noexecstack -z max-page-size=65536 \
	$(ARCH_LDFLAGS)
KSYMS := $(BUILD)/generated/ksyms

$(BUILD)/kernel.lds: $(LDS) $(BUILD)/.flags | $(GEN_H)
	$(call say,CPP,$<)mkdir -p $(@D) && $(KCC) -E -P -x assembler-with-cpp -D__LINKER__ $(ASFLAGS_ALL) -MMD -MP \
		-MF $@.d -MT $@ $< -o $@

# ALLOW_MISSING=1: a system call without a handler links to ENOSYS, and its name is printed.
MISSING_O := $(if $(filter 1,$(ALLOW_MISSING)),$(BUILD)/generated/missing.o)
$(BUILD)/generated/missing.c: $(OBJS) FORCE
	$(Q)$(NM) -g $(OBJS) | $(AWK) '/ T sys_/ { have[$$3] } / U sys_/ { want[$$2] } \
		END { for (s in want) if (!(s in have)) print s }' | sort >$@.list; \
	{ echo 'long sys_missing(void); long sys_missing(void) { return -38; }'; \
	  sed 's/.*/long &(void) __attribute__((weak, alias("sys_missing")));/' $@.list; } >$@; \
	[ ! -s $@.list ] || echo "  MISSING $$(wc -l <$@.list) system calls answer ENOSYS:" $$(cat $@.list) | fold -s -w 100
$(BUILD)/generated/missing.o: $(BUILD)/generated/missing.c
	$(Q)$(KCC) $(CODEGEN) -w -c $< -o $@

$(KSYMS)0.o $(KSYMS)1.o: $(KSYMS)%.o: $(KSYMS)%.S
	$(Q)$(KCC) $(ASFLAGS_ALL) -c $< -o $@
$(KSYMS)0.S: tools/ksyms.awk $(BUILD)/.flags | $(GEN_H)
	$(Q)mkdir -p $(@D) && $(AWK) -f tools/ksyms.awk </dev/null >$@
$(KSYMS)1.S: $(BUILD)/aramid.pass1.elf tools/ksyms.awk
	$(Q)$(NM) -n $< | $(AWK) -f tools/ksyms.awk >$@
$(BUILD)/aramid.pass1.elf: $(OBJS) $(MISSING_O) $(KSYMS)0.o $(BUILD)/kernel.lds
	$(Q)$(LD) $(LDFLAGS_ALL) -T $(BUILD)/kernel.lds -o $@ $(OBJS) $(MISSING_O) $(KSYMS)0.o
$(ELF): $(BUILD)/aramid.pass1.elf $(KSYMS)1.o
	$(call say,LD,$@)$(LD) $(LDFLAGS_ALL) -T $(BUILD)/kernel.lds -Map=$(BUILD)/aramid.map -o $@ $(OBJS) \
		$(MISSING_O) $(KSYMS)1.o
	$(Q)$(NM) -n $@ | $(AWK) -f tools/ksyms.awk | cmp -s - $(KSYMS)1.S || \
		{ echo 'ksyms: text moved between the two links' >&2; rm -f $@; exit 1; }

# An architecture that packs it says what the flat file is called.
IMAGE_FLAT ?= $(IMAGE)
$(IMAGE_FLAT): $(ELF)
	$(call say,IMAGE,$@)$(OBJCOPY) -O binary -R .note -R .comment -S $< $@

# ---- run, test, debug
# ROOTFS=FILE|DIR: a whole root file system (tar, .gz, .xz, .zst, or a folder) instead of the default ramdisk;
# INIT=PATH: its own init rather than a shell. It gets the memory it needs unless MEM says otherwise.
ifneq ($(ROOTFS),)
RAMDISK := $(BUILD)/rootfs.cpio
override APPEND += rdinit=/.aramid-init $(if $(INIT),rootinit=$(INIT))
ifeq ($(origin MEM),file)
MEM = $$(cat $(RAMDISK).mem)
endif
endif
RAMDISK ?= $(BUILD)/ramdisk.cpio
RUN_ENV = ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) SMP=$(SMP) MEM=$(MEM) CPU='$(CPU)' RAMDISK='$(RAMDISK)'

setup:
	$(Q)tools/setup.sh $(ARCH) $(CHARTS)
ramdisk: $(BUILD)/ramdisk.cpio
$(BUILD)/ramdisk.cpio: tools/mkramdisk.sh tools/init.sh tools/mkcpio.py
	$(call say,RAMDISK,$@)mkdir -p $(@D) && tools/mkramdisk.sh -a $(ARCH) -o $@
# Packed anew each time: a folder does not show its age.
$(BUILD)/rootfs.cpio: FORCE
	$(call say,ROOTFS,$(ROOTFS))mkdir -p $(@D) && tools/mkroot.py -m -o $@.new -a tools/root-init.sh=.aramid-init \
		'$(ROOTFS)' >$@.mem && mv $@.new $@
# setup comes first: on a fresh machine the compiler that the rest of this file asks for is not there yet.
run: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE) $(if $(filter $(BUILD)/%,$(RAMDISK)),$(RAMDISK))
	$(Q)$(RUN_ENV) tools/qemu.sh -i -a '$(if $(filter-out 0,$(NET)),ip=dhcp) $(APPEND)' $(if $(filter-out 0,$(NET)),-- \
		-netdev user$(comma)id=net0 -device virtio-net-pci$(comma)netdev=net0)
# A shell over ssh (PACKAGES= more of Debian's, SSH_PORT=); MEM as small as the default of `run' is not enough here.
run-ssh:
	$(Q)tools/setup.sh $(ARCH)
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) IMAGE=$(IMAGE) SMP=$(SMP) CPU='$(CPU)' APPEND='$(APPEND)' $(if $(filter file,$(origin MEM)),MEM=1024,MEM=$(MEM)) \
		tools/run-ssh.sh
gdb: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE) $(if $(filter $(BUILD)/%,$(RAMDISK)),$(RAMDISK))
	$(Q)$(RUN_ENV) tools/gdb.sh
# The foreign sources are read by tests that do not build the kernel, too.
FETCH = $(Q)$(MAKE) --no-print-directory fetch
# Both architectures, unless one is asked for.
TEST_ARCHES := $(if $(filter command line environment,$(origin ARCH)),$(ARCH),arm64 x86_64)
test:
	$(Q)tools/setup.sh $(TEST_ARCHES)
	$(FETCH)
	$(Q)tools/test.sh -a '$(TEST_ARCHES)' $(STAGES)
test-long:
	$(Q)tools/setup.sh $(TEST_ARCHES)
	$(FETCH)
	$(Q)tools/test.sh -a '$(TEST_ARCHES)' net-long python
contracts:
	$(Q)tools/setup.sh arm64 x86_64
	$(Q)tests/user/contracts.sh $(CONTRACTS)
unit:
	$(FETCH)
	$(Q)tests/unit/run.sh
bench bench-scale bench-net: CHARTS := gnuplot-nox:/usr/bin/gnuplot
bench: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) tests/bench/run.sh | tests/bench/keep.py bench-$(ARCH)
bench-scale: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) tests/bench/scale.sh -o docs/scale-$(ARCH).svg | tests/bench/keep.py scale-$(ARCH)
bench-smp: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) tests/bench/smp.sh | tests/bench/keep.py smp-$(ARCH)
bench-mem: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) tests/bench/mem.sh | tests/bench/keep.py mem-$(ARCH)
bench-net: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) tests/bench/net.py | tests/bench/keep.py bench-net-$(ARCH)
bench-tap: setup
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) IMAGE=$(IMAGE) tests/bench/net.py tap | tests/bench/keep.py bench-tap-$(ARCH)
oracle: setup
	$(Q)ARCH=$(ARCH) BUILD=$(BUILD) tests/user/run.sh --oracle
lint:
	$(Q)tools/setup.sh $(TEST_ARCHES)
	$(FETCH)
	$(Q)tools/lint.sh $(TEST_ARCHES)
print-%: $(GEN_H)
	@echo '$($*)'
docs-text:
	@$(AWK) -v out=docs -f tools/gen_syscalls.awk $(SYSCALL_DEF) $(sort $(wildcard arch/*/syscalls.tbl))
docs:
	$(Q)$(MAKE) -s docs-text >docs/SYSCALLS.md
fetch: $(TP_STAMP)

# Files that do not compile are in it too: that is when an editor needs it.
compile_commands.json: FORCE
	$(Q)$(MAKE) --no-print-directory -s -k $(OBJS) >/dev/null 2>&1; \
	{ echo '['; find $(BUILD) -name '*.cmd.json' -exec cat {} + | sort | sed '$$s/,$$//'; echo ']'; } >$@

# Every header of ours must compile alone; machine/ ones are parts of their arch/ header.
HEADERS = $(filter-out %_internal.h $(wildcard arch/*/include/machine/*),$(shell find kernel/include arch/$(ARCH)/include -name '*.h'))
headers-check: $(GEN_H)
	$(Q)fail=0; for h in $(HEADERS); do \
		echo "#include \"$$h\"" | $(KCC) -I. $(KERNEL_CFLAGS) -x c -fsyntax-only - || { echo "$$h: does not compile alone"; fail=1; }; \
	done; exit $$fail

size: $(ELF)
	$(Q)$(CROSS)size $<; ls -l $(IMAGE)
clean:
	rm -rf $(BUILD)
distclean:
	rm -rf build compile_commands.json

help:
	@sed -n 's/^#   //p' Makefile
	@echo; printf '  %-22s %s\n' all 'kernel image: $(IMAGE)' run 'boot it in QEMU (SMP= MEM= CPU= RAMDISK= ROOTFS= INIT= NET=1 APPEND=)' \
		run-ssh 'boot Debian programs with a network, log in by ssh (PACKAGES= SSH_PORT=)' \
		test 'everything; STAGES="build unit ..." for a part' test-long 'what takes hours: Python testing itself' \
		contracts 'Linux and Aramid on both architectures, a row a test (CONTRACTS="--saved --oracle PATTERN...")' bench 'instructions per operation, beside Linux' \
		bench-scale 'cost against size, beside Linux' bench-smp 'wall time between CPUs, beside Linux' bench-mem 'memory of an object, beside Linux' \
		bench-net 'instructions per request and MiB over virtio-net, beside Linux' \
		bench-tap 'the same over a tap, whose device sums and cuts segments (root)' \
		oracle 'record the contract tests on Linux again' gdb 'boot under gdb-multiarch' lint 'style, sparse, thread safety' \
		headers-check 'each header compiles alone' compile_commands.json 'for clangd' docs 'docs/SYSCALLS.md' \
		setup 'install what is missing (SETUP=0: never)' fetch 'third-party sources' ramdisk 'the default ramdisk' \
		size 'section sizes' clean 'remove $(BUILD)' distclean 'remove build/'

FORCE:
.PHONY: FORCE all setup ramdisk run run-ssh gdb test contracts unit bench bench-scale bench-smp bench-mem bench-net bench-tap oracle lint test-long docs docs-text fetch headers-check size clean distclean help
-include $(OBJS:.o=.d) $(BUILD)/kernel.lds.d
