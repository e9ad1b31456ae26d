package redistest

import "syscall"

// dieWithParent makes the kernel kill the server when the test process dies without running its clean-up.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
