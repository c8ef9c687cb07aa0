//! How the rate is smoothed, and how often a bar is drawn.

use std::time::{Duration, Instant};

use crate::tqdm::draw_limiter::DrawLimiter;
use crate::tqdm::options::Options;
use crate::tqdm::rate::Rate;

#[test]
fn the_rate_follows_the_latest_steps() {
    let mut options = Options::new(Some(1000));
    options.style.description = "Fake".into();
    // Steps, the seconds they took, and tqdm's line after them.
    let steps = [
        (
            10,
            0.2,
            "Fake:   1%|          | 10/1000 [00:00<00:19, 50.00it/s]",
        ),
        (
            40,
            0.2,
            "Fake:   5%|▌         | 50/1000 [00:00<00:06, 138.24it/s]",
        ),
        (
            5,
            0.5,
            "Fake:   6%|▌         | 55/1000 [00:00<00:18, 51.36it/s]",
        ),
        (
            300,
            0.4,
            "Fake:  36%|███▌      | 355/1000 [00:01<00:01, 356.24it/s]",
        ),
        (
            45,
            1.0,
            "Fake:  40%|████      | 400/1000 [00:02<00:03, 166.65it/s]",
        ),
    ];
    let (mut n, mut now, mut rate) = (0, 0.0, Rate::default());
    for (steps, seconds, expected) in steps {
        n += steps;
        now += seconds;
        rate.record(steps as f64, seconds);
        // Floats: 1.0 is a little less after these sums.
        assert_eq!(options.line(n, now + 1e-9, rate.get(), None), expected);
    }
    options.style.postfix = "loss=0.25".into();
    assert_eq!(
        options.line(n, 3.3, None, None),
        "Fake:  40%|████      | 400/1000 [00:03<00:04, 121.21it/s, loss=0.25]"
    );
}

#[test]
fn at_most_20_draws_in_any_second() {
    let start = Instant::now();
    let mut limiter = DrawLimiter::new(start);
    let drawn: Vec<_> = (0..5000)
        .map(|ms| start + Duration::from_millis(ms))
        .filter(|&now| limiter.take(now).is_ok())
        .collect();
    let most = drawn.iter().map(|&from| {
        let second = from..from + Duration::from_secs(1);
        drawn.iter().filter(|at| second.contains(*at)).count()
    });
    // Checked each millisecond, so a little late each time.
    assert!((18..=20).contains(&most.max().unwrap()));
    assert!(drawn.len() >= 5 + 4 * 15, "{}", drawn.len());
}

#[test]
fn whoever_waits_as_told_may_draw() {
    let mut now = Instant::now();
    let mut limiter = DrawLimiter::new(now);
    let mut waits = 0;
    for _ in 0..100 {
        if let Err(wait) = limiter.take(now) {
            now += wait + Duration::from_nanos(1);
            assert_eq!(limiter.take(now), Ok(()));
            waits += 1;
        }
    }
    assert_eq!(waits, 95);
}
