//! What a reader put up with in a record that it took: a closed list whose words are printed.

/// A leniency of the policy by which JSON and texts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leniency {
    /// A key that was asked for stands more than once in an object; the last one counts.
    RepeatedKey,
    /// A half of a surrogate pair in a value that was asked for; read as U+FFFD.
    LoneSurrogate,
    /// Bytes that are no UTF-8; read as U+FFFD.
    InvalidUtf8,
    /// A form feed or vertical tab beside a record.
    PageBreak,
}

impl Leniency {
    /// Every one, in printing order.
    pub const ALL: [Leniency; 4] = [Leniency::RepeatedKey, Leniency::LoneSurrogate, Leniency::InvalidUtf8, Leniency::PageBreak];

    /// The word of the report's coverage table.
    pub fn word(self) -> &'static str {
        match self {
            Leniency::RepeatedKey => "repeated-key",
            Leniency::LoneSurrogate => "lone-surrogate",
            Leniency::InvalidUtf8 => "invalid-utf8",
            Leniency::PageBreak => "page-break",
        }
    }
}
