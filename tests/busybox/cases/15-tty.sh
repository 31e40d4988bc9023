#: tty/pty_is_a_terminal
ptyrun 'tty | sed s/[0-9]*$/N/; test -t 0 && test -t 1 && echo yes; stty size; stty -a | grep -o "icanon\|echo \|isig\|onlcr"' </dev/null
#: tty/stty_settings
ptyrun 'stty -echo raw; stty -a | tr " " "\n" | grep -E "^-?(icanon|isig|opost|echo|icrnl)$"; stty sane; stty -a | tr " " "\n" | grep -E "^-?(icanon|isig|opost|echo|icrnl)$"; stty 115200 rows 30 cols 100; stty size; stty speed; stty erase ^H intr ^A; stty -a | grep -o "intr = ^.\|erase = ^."; stty -g | wc -c'
#: tty/canonical_editing
ptyrun 'echo ready; read a; echo "<$a>"; read b; echo "<$b>"' <<'E'
expect ready
send wrongX\x7f\x7f\x7fok\r
expect <wrook>
send old words\x17new\r
expect <old new>
E
#: tty/kill_line_and_literal
ptyrun 'echo ready; read a; echo "<$a>"; read b; echo "<$b>" | cat -v' <<'E'
expect ready
send discard\x15kept\r
expect <kept>
send a\x16\x03b\r
expect <a^Cb>
E
#: tty/end_of_file
ptyrun 'echo ready; cat; echo ended; wc -c' <<'E'
expect ready
send line\r
expect line
send \x04
expect ended
send abc\x04\x04
expect 3
E
#: tty/interrupt_key
ptyrun 'trap "echo caught" INT; echo ready; sleep 20; echo after; trap - INT; echo two; sleep 20; echo never' <<'E'
expect ready
sync 300
send \x03
expect caught
expect two
sync 300
send \x03
end
E
#: tty/quit_key_and_echo_of_controls
ptyrun 'echo ready; sleep 20; echo never' <<'E'
expect ready
sync 300
send \x1c
end
E
#: tty/raw_mode_bytes
ptyrun 'stty raw -echo; echo ready; dd bs=1 count=5 2>/dev/null | xxd; stty sane; echo done' <<'E'
expect ready
send a\r\x03\x04\x1a
expect done
E
#: tty/onlcr_and_echo
ptyrun 'stty -onlcr; echo x; stty onlcr; echo y; stty -echo; read s; echo "<$s>"' <<'E'
expect y
send hidden\r
expect <hidden>
E
#: tty/job_control_stop_and_resume
ptyrun -s <<'E'
expect $ 
send sleep 55\r
sync 300
send \x1a
expect Stopped
expect $ 
send jobs\r
expect sleep 55
expect $ 
send bg\r
expect sleep 55
expect $ 
send fg\r
expect sleep 55
sync 200
send \x03
expect $ 
send echo status $?\r
expect status 130
expect $ 
send exit\r
end
E
#: tty/background_reader_is_stopped
ptyrun -s <<'E'
expect $ 
send (sleep 0.4; cat) &\r
expect $ 
sync 900
send \r
expect Stopped
expect $ 
send kill -9 %1; sleep 0.3\r
expect Killed
expect $ 
send exit\r
end
E
#: tty/tostop_stops_background_writer
ptyrun -s <<'E'
expect $ 
send stty tostop; (sleep 0.2; echo out) &\r
expect $ 
sync 500
send \r
expect Stopped
expect $ 
send fg\r
expect out
expect $ 
send exit\r
end
E
#: tty/history_and_line_editing
ptyrun -s <<'E'
expect $ 
send echo first\r
expect first
expect $ 
send \x1b[A
expect echo first
send \x7f\x7f\x7fend\r
expect fiend
expect $ 
send echo xyz\x1b[D\x1b[DQ\r
expect xQyz
expect $ 
send exit\r
end
E
#: tty/hangup_on_close
ptyrun 'trap "echo hup >hup; exit" HUP; echo ready; while :; do sleep 0.1; done' <<'E'
expect ready
close
E
sleep 0.5; cat hup
#: tty/window_size_signal
ptyrun 'trap "stty size" WINCH; stty size; echo ready; while :; do read x && break; done; echo "<$x>"' <<'E'
expect ready
size 50 132
expect 50 132
send end\r
expect <end>
E
#: tty/vi_edits_a_file
printf 'one\ntwo\nthree\n' >f
ptyrun 'TERM=vt100 vi f' <<'E' >/dev/null
expect three
send j
sync 200
send dd
sync 200
send ofour\x1b
sync 200
send GAend\x1b
sync 200
send :wq\r
end
E
cat f
#: tty/vi_search_and_undo
seq 30 >f
ptyrun 'TERM=vt100 vi f' <<'E' >/dev/null
expect 20
send /17\r
sync 200
send x
sync 200
send :%s/2/T/g\r
sync 200
send :w out\r
sync 300
send :q!\r
end
E
md5sum out f; sed -n '17p' out
#: tty/top_shows_and_quits
ptyrun 'TERM=vt100 top -d 1; echo left $?' <<'E' | tr -d '\r' | grep -oE 'Mem:|CPU:|Load average:|PID +PPID USER +STAT|left 0' | sort -u
expect Load average
sync 300
send q
expect left
end
E
#: tty/less_pages
seq 200 >f
ptyrun 'TERM=vt100 less f; echo left $?' <<'E' | tr -d '\r' | grep -cE '^(.*[^0-9])?(1|2|20|200|left 0)$' | grep -c .
expect 20
send G
expect 200
send q
expect left
end
E
