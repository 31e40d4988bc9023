#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keep the last table of a benchmark in the documents.

    COMMAND | keep.py NAME

Shows what it reads and puts it between the lines `<!-- NAME -->` and `<!-- end of NAME -->` of docs/benchmarks.md. The table of
operations (bench-ARCH) is drawn to docs/NAME.svg when gnuplot is there. A table that lacks one of the two
kernels, or tells of a failure, is shown only.
"""
import pathlib
import shutil
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parents[2] / 'docs'


def complete(lines):
    rows = [line.split() for line in lines]
    measured = [r for r in rows[1:] if len(r) > 2 and r[1][0].isdigit() | (r[1] == '-')]
    return len(measured) > 5 and not any(line.startswith('#') for line in lines) and \
        not any('-' in r[:rows[0].index('Aramid') + 1] for r in measured)


def put(name, table):
    path = DOCS / 'benchmarks.md'
    text = path.read_text()
    start, end = f'<!-- {name} -->\n', f'<!-- end of {name} -->\n'
    if start not in text or end not in text:
        sys.exit(f'keep: no place for {name} in {path.name}')
    head, rest = text.split(start, 1)
    path.write_text(head + start + '\n```\n' + table + '```\n\n' + end + rest.split(end, 1)[1])


def draw(name, lines):
    titles = lines[0].split()
    columns = [i for i, t in enumerate(titles) if t.startswith('/')]
    if not name.startswith('bench-') or not columns or not shutil.which('gnuplot'):
        return
    rows = [line.split() for line in lines[1:]]
    rows = [r for r in rows if len(r) == len(titles) and r[columns[0]] != '-' and r[0] != 'to_init']
    data = '\n'.join(' '.join([r[0]] + [r[c] for c in columns]) for r in rows)
    plots = ', '.join(f"$d using {i + 2}:xtic(1) title '{titles[c][1:]}'" for i, c in enumerate(columns))
    script = f"""$d << EOD
{data}
EOD
set terminal svg size 1500,520 font 'sans,11' background 'white'
set output '{DOCS / name}.svg'
set title 'Instructions an operation: Aramid to Linux ({name.split("-")[-1]}; less is better)'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8 noborder
set xtics rotate by -60 noenhanced font 'sans,9'
set yrange [0:1.1]
set grid ytics
set key top right
plot {plots}, 1 with lines linecolor 'black' notitle
"""
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def main():
    name = sys.argv[1]
    lines = []
    for line in sys.stdin:
        print(line, end='', flush=True)
        lines.append(line.rstrip('\n'))
    if not lines or not complete(lines):
        return
    put(name, '\n'.join(lines) + '\n')
    draw(name, lines)


if __name__ == '__main__':
    main()
