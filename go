S=/work/main/build/setkey L=/work/main/build/lab/libfault.so
for n in 1 2 3 4 2+ 3+; do echo "== $n"; date +%s.%N;  timeout 30 strace -f -r -E LD_PRELOAD=$L -E FAULT="send $n short" -o /tmp/f2/tr.$n $S -f f.conf 9>/dev/null; echo $?;date +%s.%N; done
