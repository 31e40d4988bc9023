# SPDX-License-Identifier: MIT
#: perl/fork
perl -e 'use strict; my @p; for my $i (1..5) { my $p = fork // die; if (!$p) { exit $i } push @p, $p } for (@p) { waitpid $_, 0; print $? >> 8, "\n" }
my $p = fork; if (!$p) { kill 9, $$; sleep 10 } waitpid $p, 0; print "signal ", $? & 127, "\n"; print waitpid(-1, 0), " $!\n"; system "sh", "-c", "exit 3"; print $? >> 8, "\n"; print `echo captured`; exec "echo", "exec"'
#: perl/pipes
perl -e 'pipe R, W; if (!fork) { close R; print W "line $_\n" for 1..3; exit } close W; print while <R>; wait;
open my $f, "-|", "seq", 3 or die; print "got $_" while <$f>; close $f; open $f, "|-", "sort -r" or die; print $f "a\nb\n"; close $f; print $?, "\n";
use IPC::Open3; my $pid = open3(my $in, my $out, 0, "cat"); print $in "through cat\n"; close $in; print <$out>; waitpid $pid, 0; $SIG{PIPE} = sub { print "SIGPIPE\n" }; pipe R, W; close R; syswrite W, "x"; print "$!\n"'
#: perl/signals
perl -e '$| = 1; $SIG{USR1} = sub { print "usr1\n" }; kill USR1 => $$; local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 20; }; print "died: $@";
use POSIX; my $s = POSIX::SigSet->new(SIGUSR1); sigprocmask(SIG_BLOCK, $s); kill USR1 => $$; print "blocked\n"; my $q = POSIX::SigSet->new; sigpending($q); print $q->ismember(SIGUSR1), "\n"; sigprocmask(SIG_UNBLOCK, $s); print "end\n";
use Time::HiRes qw(setitimer ITIMER_REAL usleep time); my $n = 0; $SIG{ALRM} = sub { $n++ }; setitimer(ITIMER_REAL, 0.01, 0.01); my $e = time + 20; usleep 5000 while $n < 3 && time < $e; print "ticks\n" if $n >= 3; setitimer(ITIMER_REAL, 0); $SIG{CHLD} = sub { print "chld\n" }; fork || exit; wait'
#: perl/files
perl -e 'use Fcntl ":flock", ":mode"; use File::Temp; use File::Find; use Cwd; open F, "+>", "f"; flock F, LOCK_EX; if (!fork) { open G, "<", "f"; print flock(G, LOCK_SH | LOCK_NB) ? "locked" : "$!", "\n"; exit } wait; flock F, LOCK_UN; print F "hello"; seek F, 1, 0; read F, $x, 3; print "$x\n"; truncate F, 2; print -s F, "\n"; close F;
@s = stat "f"; printf "%o %d\n", S_IMODE($s[2]), $s[7]; mkdir "d" or die; rename "f", "d/g"; symlink "d/g", "l"; print readlink "l", "\n"; print -l "l" ? 1 : 0, -d "d" ? 1 : 0, "\n"; utime 1, 2, "d/g"; print +(stat "d/g")[9], "\n"; find(sub { print "$File::Find::name\n" if -f }, "d"); opendir D, "."; print join(" ", sort readdir D), "\n"; print unlink("l", "d/g"), "\n"; rmdir "d"; print "$!\n" unless rmdir "d"; chdir "/"; print getcwd, "\n"'
#: perl/unix_sockets
perl -MIO::Socket::UNIX -MIO::Select -e 'my $l = IO::Socket::UNIX->new(Local => "s", Listen => 5) or die "listen $!"; if (!fork) { my $c = IO::Socket::UNIX->new(Peer => "s") or die "connect $!"; print $c "hello from client\n"; print "client got: ", scalar <$c>; exit } my $c = $l->accept; my $line = <$c>; print "server got: $line"; print $c uc $line; close $c; wait;
use Socket; socketpair(my $a, my $b, AF_UNIX, SOCK_DGRAM, 0) or die; send $a, "dgram", 0; recv $b, my $buf, 10, 0; print "$buf\n"; my $s = IO::Select->new($b); print scalar($s->can_read(0)), "\n"; send $a, "x", 0; print scalar($s->can_read(5)), "\n"; print -S "s" ? "socket\n" : "none\n"'
#: perl/threads_and_modules
perl -MList::Util=sum -MData::Dumper -MStorable -MDigest::SHA=sha1_hex -MMIME::Base64 -MSys::Hostname -e 'print sum(1..100), "\n"; $Data::Dumper::Sortkeys = 1; $Data::Dumper::Indent = 1; print Dumper({a => [1, 2], b => "x"}); store [1, 2, 3], "st"; print "@{retrieve q(st)}\n"; print sha1_hex("abc"), "\n", encode_base64("hello"); print length hostname() > 0 ? "host\n" : ""'
perl -Mthreads -Mthreads::shared -e 'my $n :shared = 0; my @t = map { threads->create(sub { for (1..50) { lock $n; $n++ } return $_[0] * 2 }, $_) } 1..4; print $_->join, " " for @t; print "$n\n"; my @g = getpwnam "root"; print "$g[0] $g[2]\n"; printf "%vd\n", $^V; print $^O, "\n"; open F, "<", "/proc/self/status"; print scalar <F>'
#: perl/regex_text
seq 50000 | perl -ne '$s += $1 if /(\d+)7$/; END { print "$s\n" }'; perl -pe 's/(\w+)/\u$1/g' <<<'some words here'; perl -lane 'print $F[1]' <<<$'a b\nc d'; perl -00 -ne 'print length, "\n"' <<<$'p1\n\np2\n'; perl -i.orig -pe 's/a/b/' <(echo) 2>/dev/null; echo abc >x; perl -i.orig -pe 's/b/X/' x; cat x x.orig; perl -Mutf8 -CS -e 'print scalar reverse("äbc"), "\n"'; perl -e 'print sprintf("%.10g %b %e\n", 1/3, 10, 12345.678); print join(",", sort { $a <=> $b } (10, 9, 2)), "\n"; local $, = "-"; print 1..3; print "\n"; printf "%s\n", scalar gmtime 0; @a = unpack "NnC", pack "NnC", 1, 2, 3; print "@a\n"'; perl -c -e 'print 1'; perl -e 'die "oops\n"'; echo $?
