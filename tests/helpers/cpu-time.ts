/** Milliseconds of processor time that work takes, on all threads: how busy the machine is with other things counts nothing. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
