# SPDX-License-Identifier: MIT
#
# How the foreign sources are found and compiled. THIRD_PARTY=DIR holds one folder each as
# named in SOURCES; without it tools/fetch.sh fills a cache.

ifdef THIRD_PARTY
TP := $(abspath $(THIRD_PARTY))
TP_STAMP := $(TP)
else
TP := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/aramid/third-party
TP_STAMP := $(TP)/stamp
$(TP_STAMP): kernel/lib/third_party/SOURCES tools/fetch.sh
	$(call say,FETCH,$(TP))tools/fetch.sh $(TP)
endif

# What code that includes <libfdt.h>, <zlib.h>, <zstd.h> or <bearssl.h> needs.
TP_INCLUDES := -isystem kernel/lib/third_party/include -isystem $(TP)/libfdt -isystem $(TP)/zlib \
	-isystem $(TP)/zstd -isystem $(TP)/bearssl/inc -DZ_SOLO

# Decompressors only; no assembly, no vector code, no allocation behind the caller's back.
TP_DEFINES := -DTHIRD_PARTY_CODE -DHAVE_MEMCPY -include kernel/lib/third_party/include/string.h -DNDEBUG -DZSTD_LEGACY_SUPPORT=0 -DZSTD_DISABLE_ASM=1 -DDYNAMIC_BMI2=0 -DZSTD_NO_INTRINSICS -DZSTD_TRACE=0 -DHUF_FORCE_DECOMPRESS_X1 -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DZSTD_STRIP_ERROR_STRINGS=1 \
	-DXXH_NAMESPACE=ZSTD_ -DXXH_VECTOR=0 -DBR_USE_URANDOM=0 -DBR_USE_GETENTROPY=0 -DBR_USE_UNIX_TIME=0 \
	-I$(TP)/bearssl/src

TP_SRCS := $(addprefix libfdt/,fdt.c fdt_addresses.c fdt_empty_tree.c fdt_ro.c fdt_rw.c fdt_strerror.c fdt_sw.c fdt_wip.c) \
	$(addprefix zlib/,adler32.c crc32.c inffast.c inflate.c inftrees.c zutil.c) \
	$(addprefix zstd/common/,debug.c entropy_common.c error_private.c fse_decompress.c xxhash.c zstd_common.c) \
	$(addprefix zstd/decompress/,huf_decompress.c zstd_ddict.c zstd_decompress.c zstd_decompress_block.c) \
	$(addprefix bearssl/src/,symcipher/chacha20_ct.c hash/sha2small.c codec/dec32be.c codec/enc32be.c)
include net/lwip.mk
TP_OBJS := $(patsubst %.c,$(BUILD)/third_party/%.o,$(TP_SRCS))

# Everything that may include a foreign header waits for the sources.
$(OBJS) $(TP_OBJS): | $(TP_STAMP)

$(BUILD)/third_party/%.o: $(TP_STAMP)
	$(call say,CC,third_party/$*.c)mkdir -p $(@D) && \
		$(KCC) $(TP_CFLAGS) $(TP_DEFINES) -MMD -MP -MF $(@:.o=.d) -c $(TP)/$*.c -o $@
