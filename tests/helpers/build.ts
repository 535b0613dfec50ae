import { execFileSync } from 'node:child_process';

/** Worker threads and end-to-end tests run the compiled product: it is built once before any test. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
