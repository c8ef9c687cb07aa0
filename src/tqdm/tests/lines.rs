use crate::tqdm::options::Options;

/// Returns a bar's line: `n` of `total` after `elapsed` seconds.
fn line(
    n: i64,
    total: impl Into<Option<i64>>,
    elapsed: f64,
    change: impl FnOnce(&mut Options),
) -> String {
    let mut options = Options::new(total.into());
    change(&mut options);
    options.line(n, elapsed, None, None)
}

fn plain(n: i64, total: impl Into<Option<i64>>, elapsed: f64) -> String {
    line(n, total, elapsed, |_| ())
}

#[test]
fn with_a_total() {
    let cases = [
        (0, 10, 0.0, "  0%|          | 0/10 [00:00<?, ?it/s]"),
        (
            10,
            10,
            1.01,
            "100%|██████████| 10/10 [00:01<00:00,  9.90it/s]",
        ),
        (
            300_000,
            300_000,
            25.1678,
            "100%|██████████| 300000/300000 [00:25<00:00, 11919.99it/s]",
        ),
        (3, 7, 2.5, " 43%|████▎     | 3/7 [00:02<00:03,  1.20it/s]"),
        (
            33,
            100,
            3.0,
            " 33%|███▎      | 33/100 [00:03<00:06, 11.00it/s]",
        ),
        (
            34,
            100,
            3.0,
            " 34%|███▍      | 34/100 [00:03<00:05, 11.33it/s]",
        ),
        (
            25,
            1000,
            3.0,
            "  2%|▎         | 25/1000 [00:03<01:56,  8.33it/s]",
        ),
        (
            995,
            1000,
            3.0,
            "100%|█████████▉| 995/1000 [00:03<00:00, 331.67it/s]",
        ),
        (5, 10, 5.0, " 50%|█████     | 5/10 [00:05<00:05,  1.00it/s]"),
        (
            5,
            10,
            0.001,
            " 50%|█████     | 5/10 [00:00<00:00, 5000.00it/s]",
        ),
    ];
    for (n, total, elapsed, expected) in cases {
        assert_eq!(plain(n, total, elapsed), expected);
    }
}

#[test]
fn slower_than_one_a_second() {
    let cases = [
        (
            1,
            1000,
            3.0,
            "  0%|          | 1/1000 [00:03<49:57,  3.00s/it]",
        ),
        (1, 80, 3.0, "  1%|▏         | 1/80 [00:03<03:57,  3.00s/it]"),
        (
            995,
            1000,
            4000.0,
            "100%|█████████▉| 995/1000 [1:06:40<00:20,  4.02s/it]",
        ),
    ];
    for (n, total, elapsed, expected) in cases {
        assert_eq!(plain(n, total, elapsed), expected);
    }
}

#[test]
fn without_a_total_or_beyond_it() {
    assert_eq!(plain(5, None, 0.4065), "5it [00:00, 12.30it/s]");
    assert_eq!(plain(0, None, 0.0), "0it [00:00, ?it/s]");
    assert_eq!(plain(0, 0, 0.0), "0it [00:00, ?it/s]");
    assert_eq!(plain(11, 10, 2.0), "11it [00:02,  5.50it/s]");
    assert_eq!(
        line(5, None, 12.0, |o| o.style.description = "x".into()),
        "x: 5it [00:12,  2.40s/it]"
    );
}

#[test]
fn a_description_gets_one_colon() {
    for description in ["Downloading...", "Downloading...: "] {
        assert_eq!(
            line(100, 100, 0.081, |o| o.style.description =
                description.into()),
            "Downloading...: 100%|██████████| 100/100 [00:00<00:00, 1234.57it/s]"
        );
    }
}

#[test]
fn scaled_units() {
    let bytes = |n, total, elapsed, divisor| {
        line(n, total, elapsed, |o| {
            o.style.unit = "B".into();
            o.style.unit_scale = true;
            o.style.unit_divisor = divisor;
        })
    };
    assert_eq!(
        bytes(123_456, 9_437_184, 0.73, 1000.0),
        "  1%|▏         | 123k/9.44M [00:00<00:55, 169kB/s]"
    );
    assert_eq!(
        bytes(123_456, 9_437_184, 0.73, 1024.0),
        "  1%|▏         | 121k/9.00M [00:00<00:55, 169kB/s]"
    );
    assert_eq!(
        bytes(0, 9_437_184, 0.0, 1024.0),
        "  0%|          | 0.00/9.00M [00:00<?, ?B/s]"
    );
    assert_eq!(
        bytes(9995, 99_950, 1.0, 1000.0),
        " 10%|█         | 10.0k/100k [00:01<00:09, 10.0kB/s]"
    );
    let pages = line(2, 10, 90_000.0, |o| {
        o.style.unit = "page".into();
        o.style.unit_scale = true;
    });
    assert_eq!(
        pages,
        " 20%|██        | 2.00/10.0 [25:00:00<100:00:00, 45.0ks/page]"
    );
}

#[test]
fn what_was_done_before_does_not_count_for_the_rate() {
    assert_eq!(
        line(40, 50, 9.0, |o| o.initial = 30),
        " 80%|████████  | 40/50 [00:09<00:09,  1.11it/s]"
    );
}

#[test]
fn a_given_rate_and_a_postfix() {
    let mut options = Options::new(Some(50));
    options.style.postfix = "loss=0.123".into();
    assert_eq!(
        options.line(40, 9.0, Some(12.345678), None),
        " 80%|████████  | 40/50 [00:09<00:00, 12.35it/s, loss=0.123]"
    );
}

#[test]
fn a_terminal_is_filled() {
    let in_columns = |n, description: &str, columns| {
        let mut options = Options::new(Some(100));
        options.style.description = description.into();
        options.line(n, 3.0, None, Some(columns))
    };
    assert_eq!(
        in_columns(50, "Epoch", 60),
        "Epoch:  50%|███████▌       | 50/100 [00:03<00:03, 16.67it/s]"
    );
    assert_eq!(
        in_columns(50, "Epoch", 30),
        "Epoch:  50%|▌| 50/100 [00:03<0"
    );
    assert_eq!(in_columns(50, "Epoch", 20), "Epoch:  50%|▌| 50/10");
    // Three letters, each two columns wide.
    assert_eq!(
        in_columns(37, "日本語", 64),
        "日本語:  37%|██████▋           | 37/100 [00:03<00:05, 12.33it/s]"
    );
}
