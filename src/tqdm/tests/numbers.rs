use crate::tqdm::format::{format_integer, format_interval, format_num, format_sizeof};

#[test]
fn three_digits_and_a_prefix() {
    let cases = [
        (0.0, "0.00"),
        (9.9949, "9.99"),
        (9.995, "10.0"),
        (99.94, "99.9"),
        (99.95, "100"),
        (999.4, "999"),
        (999.5, "1.00k"),
        (1e6, "1.00M"),
        (12_345_678.0, "12.3M"),
        (1e24, "1.0Y"),
        (1e28, "10000.0Y"),
    ];
    for (number, expected) in cases {
        assert_eq!(format_sizeof(number, 1000.0), expected, "{number}");
    }
}

#[test]
fn times() {
    let cases = [
        (59.99, "00:59"),
        (60.0, "01:00"),
        (3599.0, "59:59"),
        (3600.0, "1:00:00"),
        (86_399.0, "23:59:59"),
        (360_000.0, "100:00:00"),
    ];
    for (seconds, expected) in cases {
        assert_eq!(format_interval(seconds), expected);
    }
}

#[test]
fn numbers_in_a_postfix() {
    let cases = [
        (0.123456, "0.123"),
        (0.5, "0.5"),
        (1e-7, "1e-7"),
        (0.00001234, "1.23e-5"),
        (1.0, "1"),
        (100.0, "100"),
        (12_345.678, "1.23e+4"),
        (0.0001, "0.0001"),
        (0.00012345, "0.000123"),
        (-2.5, "-2.5"),
        (999.9, "1e+3"),
        (1e22, "1e+22"),
        (-123_456.7, "-1.23e+5"),
        (f64::NAN, "nan"),
        (f64::INFINITY, "inf"),
    ];
    for (number, expected) in cases {
        assert_eq!(format_num(number), expected);
    }
    let integers = [
        (3, "3"),
        (123_456, "123456"),
        (1_234_567, "1234567"),
        (9_999_999, "1e+7"),
    ];
    for (number, expected) in integers {
        assert_eq!(format_integer(number), expected);
    }
}
