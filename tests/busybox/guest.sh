# Run inside the guest by /init: every case of the suite, each as a script of its own in an
# empty directory, its output between markers and each line of it behind a bar.
cd /suite
for c in $(cat list); do
	d=/tmp/case
	rm -rf $d
	mkdir $d
	echo "=== $c"
	(cd $d && umask 022 && timeout -s KILL 40 sh /suite/$c.sh </dev/null >/tmp/out 2>&1; echo "exit $?" >/tmp/status)
	[ -z "$timing" ] || echo "... $(cut -d" " -f1 /proc/uptime)"
	sed 's/^/| /; $a\' /tmp/out
	echo "--- $c $(cat /tmp/status)"
done
echo "=== end of suite"
