//! The frontier of reading: what share each reader reads against the time that it takes, as a picture.

use std::fmt::Write as _;

/// One reader's place on the plot.
pub struct Point<'a> {
    pub name: &'a str,
    /// Mean thread CPU time for a photograph, in milliseconds.
    pub mean_ms: f64,
    /// Photographs read, of those with a known text, in percent.
    pub any_percent: f64,
}

/// Width and height of the picture, and its margins: left, right, top, bottom.
const SIZE: (f64, f64) = (720.0, 400.0);
const MARGIN: (f64, f64, f64, f64) = (56.0, 110.0, 16.0, 44.0);
/// Milliseconds that have a line.
const TICKS: [f64; 7] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];

/// An SVG picture: time to the right on a logarithmic scale, the share read upward. The first point is ours.
pub fn svg(points: &[Point]) -> String {
    let (left, right, top, bottom) = MARGIN;
    let times = || points.iter().map(|point| point.mean_ms.max(0.01));
    let (least, most) = (times().fold(0.8, f64::min) * 0.8, times().fold(10.0, f64::max) * 1.25);
    let floor = points.iter().map(|point| point.any_percent).fold(90.0, f64::min);
    let floor = (floor / 10.0).floor() * 10.0;
    let x = |ms: f64| left + (SIZE.0 - left - right) * (ms.max(0.01) / least).ln() / (most / least).ln();
    let y = |percent: f64| top + (SIZE.1 - top - bottom) * (100.0 - percent) / (100.0 - floor);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
        SIZE.0, SIZE.1
    );
    // Writing to a String cannot fail.
    let (base, end) = (y(floor), SIZE.0 - right);
    for ms in TICKS.into_iter().filter(|ms| (least..most).contains(ms)) {
        let at = x(ms);
        let _ = writeln!(svg, "<path d=\"M{at:.1} {top}V{base:.1}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{ms}</text>", base + 16.0);
    }
    for percent in (0..).map(|step| floor + 10.0 * f64::from(step)).take_while(|&percent| percent <= 100.0) {
        let at = y(percent);
        let _ = writeln!(svg, "<path d=\"M{left} {at:.1}H{end}\" stroke=\"#ddd\"/>");
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>", left - 6.0, at + 4.0);
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">mean CPU time for a photograph, ms</text>",
        (left + end) / 2.0,
        SIZE.1 - 8.0
    );
    for (number, point) in points.iter().enumerate() {
        let (at_x, at_y) = (x(point.mean_ms), y(point.any_percent));
        let colour = if number == 0 { "#c00" } else { "#358" };
        let _ = writeln!(svg, "<circle cx=\"{at_x:.1}\" cy=\"{at_y:.1}\" r=\"5\" fill=\"{colour}\"/>");
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{} {:.1} %</text>",
            at_x + 9.0,
            at_y + 4.0,
            point.name,
            point.any_percent
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_better_reader_lies_higher_and_a_slower_one_to_the_right() {
        let point = |name, mean_ms, any_percent| Point { name, mean_ms, any_percent };
        let svg = svg(&[point("ours", 1.0, 98.0), point("slow", 10.0, 50.0)]);
        let circle = |number: usize, key: &str| -> f64 {
            let circle = svg.split("<circle").nth(number + 1).unwrap();
            circle.split(&format!("{key}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
        };
        assert!(circle(0, "cx") < circle(1, "cx") && circle(0, "cy") < circle(1, "cy"));
        assert!(circle(0, "cy") > MARGIN.2 && circle(1, "cy") <= SIZE.1 - MARGIN.3);
    }
}
