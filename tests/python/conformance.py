"""Jupyter's own tests of a kernel (jupyter_kernel_test), with samples of Rust."""

import unittest

import jupyter_kernel_test


class Cells(jupyter_kernel_test.KernelTests):
    kernel_name = "threadbook"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("to stderr");'
    code_generate_error = 'let n: i32 = "text";'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "vec![1, 2]", "result": "[1, 2]"},
    ]


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "threadbook"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
