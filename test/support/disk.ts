/** Disks of a few kB or MB, which only root can mount. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

const mounted: string[] = []

/** Puts a disk of that size at `folder`; false if this user may not. */
export function mountDisk(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return false
  }
  mounted.unshift(folder)
  return true
}

export function unmountAll(): void {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['-l', folder])
}
