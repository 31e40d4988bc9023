#: arith/shell_integers
echo $((1+2*3)) $(( (1+2)*3 )) $((7/2)) $((-7/2)) $((7%3)) $((2**10)) $((1<<40)) $((0xff)) $((010)); echo $((9223372036854775807+1)); x=5; echo $((x++ + ++x)) $x $((x>3?1:0)) $((!x)) $((~0))
#: arith/division_by_zero
(echo $((1/0))); echo $?; expr 1 / 0; echo $?
#: arith/bc_long_numbers
echo '2^200' | bc; echo 'scale=30; 4*a(1)' | bc -l; echo 'define f(n) { if (n<2) return 1; return n*f(n-1) }; f(30)' | bc; echo 'obase=16; 255; ibase=2; 1010' | bc
#: arith/dc_stack
echo '5 3 + p 2 * p 10 k 1 3 / p' | dc; echo '[la1+dsa10>x]sx0sa lxx la p' | dc
#: arith/awk_floats
awk 'BEGIN {print 1/3, int(-3.7), 1e6*1e6, 7%3, -7/2; printf "%.10g %e %g %.3f\n", 0.1+0.2, 12345.678, 1e-10, 2/3; print 1e308*10, -1e308*10}'
#: arith/factor_and_seq
factor 1 2 97 360 1000000007 4294967291; seq 5 -2 -3 | tr '\n' ' '; seq -w 8 11 | tr '\n' ' '; seq 1 0.5 3 | tr '\n' ' '; echo
