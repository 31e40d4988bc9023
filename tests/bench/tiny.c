/* SPDX-License-Identifier: MIT */
/* What the exec operations of bench.c run: a static program that exits at once. */
int main(void)
{
	return 7;
}
