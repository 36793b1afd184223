//! The instruction sets kernels are compiled for.

use std::sync::OnceLock;

use crate::Error;

/// An instruction set. What is written for one runs on every later one, but for the one instruction of `AvxVnni`,
/// which `Avx512` alone does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What the target guarantees: SSE2 on x86-64, NEON on aarch64.
    Baseline,
    /// AVX2 and FMA.
    Avx2,
    /// The same and dot products of 8-bit integers, as AVX-VNNI or as VNNI of AVX-512.
    AvxVnni,
    /// AVX-512 F, BW, DQ and VL.
    Avx512,
    /// The same and VNNI: dot products of 8-bit integers.
    Avx512Vnni,
}

/// Environment variable that chooses a lower instruction set than the machine offers, for tests.
const FORCE: &str = "NNGMIX_FORCE_ISA";

impl Isa {
    /// All instruction sets, lowest first.
    pub const ALL: [Isa; 5] = [Isa::Baseline, Isa::Avx2, Isa::AvxVnni, Isa::Avx512, Isa::Avx512Vnni];

    /// The name the environment variable uses.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Baseline => "baseline",
            Isa::Avx2 => "avx2",
            Isa::AvxVnni => "avxvnni",
            Isa::Avx512 => "avx512",
            Isa::Avx512Vnni => "avx512vnni",
        }
    }

    /// The best this machine offers.
    pub fn best() -> Isa {
        #[cfg(target_arch = "x86_64")]
        {
            // Exactly the features that `dispatch` and the kernel on codes enable.
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx2 && avx512 {
                let vnni = is_x86_feature_detected!("avx512vnni");
                return if vnni { Isa::Avx512Vnni } else { Isa::Avx512 };
            }
            if avx2 {
                return if is_x86_feature_detected!("avxvnni") { Isa::AvxVnni } else { Isa::Avx2 };
            }
        }
        Isa::Baseline
    }

    /// Whether this machine has all of it.
    pub fn is_available(self) -> bool {
        let best = Isa::best();
        self <= best && (self, best) != (Isa::AvxVnni, Isa::Avx512)
    }

    /// The instruction set of this process: the best, or a lower one that the environment asks for.
    pub fn current() -> Result<Isa, Error> {
        static CURRENT: OnceLock<Result<Isa, Error>> = OnceLock::new();
        CURRENT
            .get_or_init(|| match std::env::var(FORCE) {
                Err(_) => Ok(Isa::best()),
                Ok(name) => Isa::ALL.into_iter().find(|isa| isa.name() == name && isa.is_available()).ok_or(
                    Error::Parameter {
                        what: FORCE,
                        expected:
                            "baseline, avx2, avxvnni, avx512 or avx512vnni, as far as the machine has it",
                        got: name,
                    },
                ),
            })
            .clone()
    }
}

/// Defines `$name(isa, ...)`, which runs the generic `$body` compiled for `isa`.
///
/// `$body` must be `#[inline(always)]`: it takes on the features of the function it is inlined into.
macro_rules! dispatch {
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident [$($generic:ident : $bound:path),*] ($($argument:ident : $type:ty),* $(,)?) -> $output:ty = $body:ident
    ) => {
        $(#[$attribute])*
        $visibility fn $name<$($generic: $bound),*>(isa: $crate::simd::Isa, $($argument: $type),*) -> $output {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512<$($generic: $bound),*>($($argument: $type),*) -> $output {
                    $body::<$crate::simd::Avx512 $(, $generic)*>($($argument),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2<$($generic: $bound),*>($($argument: $type),*) -> $output {
                    $body::<$crate::simd::Avx2 $(, $generic)*>($($argument),*)
                }
                match isa {
                    $crate::simd::Isa::Avx512 | $crate::simd::Isa::Avx512Vnni
                        if $crate::simd::Isa::best() >= isa =>
                    {
                        // SAFETY: `Isa::best` has just found every feature named above.
                        return unsafe { avx512($($argument),*) };
                    }
                    $crate::simd::Isa::Avx2 | $crate::simd::Isa::AvxVnni if $crate::simd::Isa::best() >= isa => {
                        // SAFETY: as above.
                        return unsafe { avx2($($argument),*) };
                    }
                    _ => {}
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = isa;
            $body::<$crate::simd::Portable $(, $generic)*>($($argument),*)
        }
    };
}
pub(crate) use dispatch;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Vector;

    dispatch! {
        fn lanes[]() -> usize = lanes_impl
    }

    #[inline(always)]
    fn lanes_impl<V: Vector>() -> usize {
        V::LANES
    }

    #[test]
    fn every_instruction_set_runs_what_was_compiled_for_it_and_none_runs_beyond_the_machine() {
        for isa in Isa::ALL {
            let expected = match isa {
                Isa::Avx512 | Isa::Avx512Vnni if isa <= Isa::best() => 16,
                Isa::Avx2 | Isa::AvxVnni if isa <= Isa::best() => 8,
                _ => 4,
            };
            assert_eq!(lanes(isa), expected, "{isa:?}");
        }
    }

    #[test]
    fn names_are_distinct_and_the_process_has_one_it_can_run() {
        assert!(Isa::ALL.is_sorted());
        let names: std::collections::HashSet<_> = Isa::ALL.into_iter().map(Isa::name).collect();
        assert_eq!(names.len(), Isa::ALL.len());
        assert!(Isa::current().is_ok_and(Isa::is_available));
    }
}
