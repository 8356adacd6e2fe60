//! CertLogic, the language of rules: a restricted JsonLogic with times.
//!
//! Specification 1.3.2, <https://github.com/ehn-dcc-development/eu-dcc-business-rules/tree/main/certlogic/specification>.
//! Where its implementations differ (which lists or times are equal, the 30th of February) there is a fault here: a
//! rule whose meaning depends on the program that reads it decides nothing. As in its suite, a `reduce` also sees the
//! data outside of it, as `data`.

mod parse;
mod time;
mod value;

pub use time::{Clock, Stamp, Time};
pub use value::Value;

use std::borrow::Cow;

use time::Unit;

/// Largest whole number, 2⁵³ − 1: the largest that every implementation holds exactly.
pub const INTEGER_MAX: i64 = (1 << 53) - 1;

/// Most steps of one evaluation. A shipped rule set takes a few hundred; nested `reduce`s multiply.
const STEPS_MAX: u32 = 20_000;

/// An expression, read and checked in shape: operations have the operands that they take.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Node);

/// Why an evaluation came to no value. Never green and never red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The expression uses an operation that this program does not know.
    #[error("an operation that this program does not know")]
    Operation,
    /// A value of the wrong kind; the text says which is needed.
    #[error("{0}")]
    Type(&'static str),
    /// A text that is no date or time in one of the formats of the specification.
    #[error("a text that is no date")]
    Date,
    /// A number or a time outside of what can be held.
    #[error("a number or a time out of range")]
    Range,
    /// More steps than an honest rule needs.
    #[error("too many steps")]
    Steps,
}

impl Fault {
    /// One word for the record and the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Type(_) => "type",
            Self::Date => "date",
            Self::Range => "range",
            Self::Steps => "steps",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Bool(bool),
    Integer(i64),
    Text(Box<str>),
    Array(Box<[Node]>),
    Var(Box<[Fragment]>),
    If(Box<[Node; 3]>),
    And(Box<[Node]>),
    Equal(Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    Plus(Box<[Node; 2]>),
    Not(Box<Node>),
    CompareNumbers(Comparison, Box<[Node]>),
    CompareTimes(Comparison, Box<[Node]>),
    PlusTime(Box<Node>, i64, Unit),
    DateOfBirth(Box<Node>),
    FragmentOfUci(Box<Node>, i64),
    Reduce(Box<[Node; 3]>),
    Unknown,
}

/// One step of the path of a `var`.
#[derive(Clone, Debug, PartialEq)]
struct Fragment {
    name: Box<str>,
    index: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Node {
    /// Shows this node and everything inside of it.
    fn visit(&self, see: &mut impl FnMut(&Node)) {
        see(self);
        let inside: &[Node] = match self {
            Self::Array(items) | Self::And(items) => items,
            Self::CompareNumbers(_, operands) | Self::CompareTimes(_, operands) => operands,
            Self::If(operands) | Self::Reduce(operands) => operands.as_slice(),
            Self::Equal(operands) | Self::In(operands) | Self::Plus(operands) => operands.as_slice(),
            Self::Not(operand) | Self::DateOfBirth(operand) => std::slice::from_ref(operand),
            Self::PlusTime(operand, ..) | Self::FragmentOfUci(operand, _) => std::slice::from_ref(operand),
            Self::Bool(_) | Self::Integer(_) | Self::Text(_) | Self::Var(_) | Self::Unknown => &[],
        };
        inside.iter().for_each(|node| node.visit(see));
    }
}

impl Expression {
    /// Evaluates over some data. `clock` stands at the instant of the evaluation, for the stamps that follow it, and
    /// notes when the value could become another.
    ///
    /// # Errors
    /// `Fault`.
    pub fn evaluate<'a>(&'a self, data: &Value<'a>, clock: &mut Clock) -> Result<Value<'a>, Fault> {
        Run { clock, steps_left: STEPS_MAX }.value(&self.0, data)
    }

    /// Evaluates a condition.
    ///
    /// # Errors
    /// `Fault`, also where the value is neither truthy nor falsy.
    pub fn holds(&self, data: &Value<'_>, clock: &mut Clock) -> Result<bool, Fault> {
        Run { clock, steps_left: STEPS_MAX }.holds(&self.0, data)
    }

    /// Every amount that the expression adds to a time, with its unit's word.
    pub(in crate::rules) fn amounts(&self) -> Vec<(i64, &'static str)> {
        let mut found = Vec::new();
        self.0.visit(&mut |node| {
            if let Node::PlusTime(_, amount, unit) = node {
                found.push((*amount, unit.word()));
            }
        });
        found
    }
}

/// What a path leads to; `None` for what is not there.
fn found<'v, 'a>(path: &[Fragment], data: &'v Value<'a>) -> Option<&'v Value<'a>> {
    path.iter().try_fold(data, |at, fragment| at.step(&fragment.name, fragment.index))
}

fn truth(value: &Value) -> Result<bool, Fault> {
    value.truth().ok_or(Fault::Type("a condition that is neither truthy nor falsy"))
}

/// One evaluation.
struct Run<'c> {
    clock: &'c mut Clock,
    steps_left: u32,
}

impl Run<'_> {
    /// The truth of a node, where that is all that is asked: the same as that of its value, with the same faults, and without
    /// making one.
    fn holds<'a>(&mut self, node: &'a Node, data: &Value<'a>) -> Result<bool, Fault> {
        match node {
            Node::Bool(value) => self.step().map(|()| *value),
            Node::Var(path) => {
                self.step()?;
                found(path, data).map_or(Ok(false), truth)
            }
            Node::If(operands) => {
                self.step()?;
                let [guard, then, otherwise] = operands.as_ref();
                let chosen = if self.holds(guard, data)? { then } else { otherwise };
                self.holds(chosen, data)
            }
            Node::And(operands) => {
                self.step()?;
                for operand in operands {
                    if !self.holds(operand, data)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Node::Not(operand) => {
                self.step()?;
                self.holds(operand, data).map(|holds| !holds)
            }
            _ => truth(&self.value(node, data)?),
        }
    }

    fn step(&mut self) -> Result<(), Fault> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Fault::Steps)?;
        Ok(())
    }

    /// The value of a node, for whoever only looks at it: what is in the data already is not copied.
    fn look<'v, 'a>(&mut self, node: &'a Node, data: &'v Value<'a>) -> Result<Cow<'v, Value<'a>>, Fault> {
        match node {
            Node::Var(path) => {
                self.step()?;
                Ok(found(path, data).map_or(Cow::Owned(Value::Null), Cow::Borrowed))
            }
            _ => self.value(node, data).map(Cow::Owned),
        }
    }

    fn value<'a>(&mut self, node: &'a Node, data: &Value<'a>) -> Result<Value<'a>, Fault> {
        self.step()?;
        Ok(match node {
            Node::Bool(value) => Value::Bool(*value),
            Node::Integer(number) => Value::Integer(*number),
            Node::Text(text) => Value::Text(text),
            Node::Array(items) => {
                Value::List(items.iter().map(|item| self.value(item, data)).collect::<Result<_, _>>()?)
            }
            Node::Var(path) => found(path, data).cloned().unwrap_or(Value::Null),
            Node::If(operands) => {
                let [guard, then, otherwise] = operands.as_ref();
                let chosen = if self.holds(guard, data)? { then } else { otherwise };
                self.value(chosen, data)?
            }
            Node::And(operands) => {
                let mut last = Value::Bool(true);
                for operand in operands {
                    last = self.value(operand, data)?;
                    if !truth(&last)? {
                        break;
                    }
                }
                last
            }
            Node::Equal(operands) => {
                let [a, b] = operands.as_ref();
                let (a, b) = (self.look(a, data)?, self.look(b, data)?);
                Value::Bool(a.is(&b)?)
            }
            Node::In(operands) => {
                let [item, items] = operands.as_ref();
                let (item, items) = (self.look(item, data)?, self.look(items, data)?);
                let Value::List(items) = items.as_ref() else {
                    return Err(Fault::Type("the right side of \"in\" is an array"));
                };
                let mut found = false;
                for other in items.iter() {
                    self.steps_left = self.steps_left.checked_sub(1).ok_or(Fault::Steps)?;
                    if item.is(other)? {
                        found = true;
                        break;
                    }
                }
                Value::Bool(found)
            }
            Node::Plus(operands) => {
                let [a, b] = operands.as_ref();
                let sum = self.integer(a, data)? + self.integer(b, data)?;
                if sum.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
                    return Err(Fault::Range);
                }
                Value::Integer(sum)
            }
            Node::Not(operand) => Value::Bool(!self.holds(operand, data)?),
            Node::CompareNumbers(comparison, operands) => {
                let (mut holds, mut before) = (true, None);
                for operand in operands {
                    let number = self.integer(operand, data)?;
                    holds = holds && before.is_none_or(|before: i64| comparison.holds(before.cmp(&number)));
                    before = Some(number);
                }
                Value::Bool(holds)
            }
            Node::CompareTimes(comparison, operands) => {
                let (mut holds, mut before) = (true, None);
                for operand in operands {
                    let Value::Time(time) = self.value(operand, data)? else {
                        return Err(Fault::Type("only times that \"plusTime\" made are compared as times"));
                    };
                    holds = holds && before.is_none_or(|before| comparison.holds(self.clock.compare(before, time)));
                    before = Some(time);
                }
                Value::Bool(holds)
            }
            Node::PlusTime(operand, amount, unit) => {
                let stamp = match self.look(operand, data)?.as_ref() {
                    Value::Stamp(stamp) => *stamp,
                    Value::Text(text) => time::parse(text).ok_or(Fault::Date)?,
                    _ => return Err(Fault::Type("\"plusTime\" takes a date or time as text")),
                };
                Value::Time(self.clock.offset(stamp, *amount, *unit)?)
            }
            Node::DateOfBirth(operand) => {
                let stamp = match self.value(operand, data)? {
                    Value::Stamp(stamp) => stamp,
                    Value::Text(text) => time::date_of_birth(text).ok_or(Fault::Date)?,
                    _ => return Err(Fault::Type("\"dccDateOfBirth\" takes a date as text")),
                };
                Value::Time(self.clock.offset(stamp, 0, Unit::Day)?)
            }
            Node::FragmentOfUci(operand, index) => match self.value(operand, data)? {
                Value::Null => Value::Null,
                Value::Text(text) => fragment_of_uci(text, *index).map_or(Value::Null, Value::Text),
                _ => return Err(Fault::Type("\"extractFromUVCI\" takes a text or null")),
            },
            Node::Reduce(operands) => {
                let [operand, lambda, initial] = operands.as_ref();
                let items = self.look(operand, data)?;
                let items = match items.as_ref() {
                    // The reference implementations take a list that is not there for an empty one.
                    Value::Null => &[][..],
                    Value::List(items) => items,
                    _ => return Err(Fault::Type("\"reduce\" takes an array")),
                };
                let mut accumulator = self.value(initial, data)?;
                for current in items {
                    let inside = [("current", current.clone()), ("accumulator", accumulator), ("data", data.clone())];
                    accumulator = self.value(lambda, &Value::object(inside))?;
                }
                accumulator
            }
            Node::Unknown => return Err(Fault::Operation),
        })
    }

    fn integer<'a>(&mut self, node: &'a Node, data: &Value<'a>) -> Result<i64, Fault> {
        match self.look(node, data)?.as_ref() {
            Value::Integer(number) => Ok(*number),
            _ => Err(Fault::Type("\"+\", \"<\", \">\", \"<=\" and \">=\" take whole numbers")),
        }
    }
}

/// A part of a certificate's name, from 0: they are parted by `/`, `#` and `:`, and `URN:UVCI:` before them is left out.
fn fragment_of_uci(text: &str, index: i64) -> Option<&str> {
    let name = text.strip_prefix("URN:UVCI:").unwrap_or(text);
    name.split(['/', '#', ':']).nth(index.try_into().ok()?)
}

#[cfg(test)]
mod tests;
