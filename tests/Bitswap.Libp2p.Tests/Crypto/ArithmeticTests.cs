using System.Numerics;
using Bitswap.Libp2p.Crypto;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>The limb arithmetic against BigInteger, at the edges and at random.</summary>
public sealed class ArithmeticTests
{
    private static readonly BigInteger _p = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger _r = BigInteger.Pow(2, 256);

    public static TheoryData<string> Moduli =>
    [
        "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", // the order of edwards25519
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", // the field of secp256k1
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", // its order
    ];

    [Fact]
    public void The_field_of_25519_is_that_of_BigInteger() => Seeded.Run(random =>
    {
        List<BigInteger> values = Values(random, BigInteger.Pow(2, 255), _p);
        foreach (BigInteger x in values)
        {
            FieldElement a = Element(x);
            AssertField(x, a);
            AssertField(x * x, FieldElement.Square(a));
            AssertField(-x, -a);
            AssertField(x * 121665, FieldElement.MultiplySmall(a, 121665));
            AssertField(BigInteger.ModPow(x, _p - 2, _p), FieldElement.Invert(a));
            AssertField(BigInteger.ModPow(x, (_p - 5) / 8, _p), FieldElement.PowerForRoot(a));
            Assert.Equal(x % _p == 0, a.IsZero());
            Assert.Equal((int)(x % _p % 2), a.Sign());
            foreach (BigInteger y in values)
            {
                FieldElement b = Element(y);
                AssertField(x * y, a * b);
                AssertField(x + y, a + b);
                AssertField(x - y, a - b);

                // operands as loose as the formulas ever make them
                AssertField((x + x + y + y) * (y + y + x + x), (a + a + b + b) * (b + b + a + a));
                AssertField((x + x + y + y) * (x + x + y + y), FieldElement.Square(a + a + b + b));
                AssertField(x - (x + x + y + y), a - (a + a + b + b));
                AssertField(((x - y) * (y - x)) - (x * x), ((a - b) * (b - a)) - FieldElement.Square(a));
            }
        }
    });

    [Fact]
    public void Limbs_at_the_documented_bound_lose_no_carry()
    {
        // 2^54 - 153 in every limb: the most that any operation may be given
        const ulong Limb = (1UL << 54) - 153;
        var a = new FieldElement(Limb, Limb, Limb, Limb, Limb);
        BigInteger x = Enumerable.Range(0, 5).Aggregate(BigInteger.Zero, (sum, i) => sum + (new BigInteger(Limb) << (51 * i)));
        AssertField(x, a);
        AssertField(x * x, a * a);
        AssertField(x * x, FieldElement.Square(a));
        AssertField(-x, -a);
        AssertField(x * ((1 << 20) - 1), FieldElement.MultiplySmall(a, (1 << 20) - 1));
    }

    [Fact]
    public void Swaps_and_moves_happen_exactly_where_they_are_asked_for()
    {
        FieldElement a = Element(3), b = Element(_p - 5);
        FieldElement.ConditionalSwap(ref a, ref b, 0);
        AssertField(3, a);
        FieldElement.ConditionalSwap(ref a, ref b, 1);
        AssertField(-5, a);
        AssertField(3, b);
        a.ConditionalMove(b, 0);
        AssertField(-5, a);
        a.ConditionalMove(b, ulong.MaxValue);
        AssertField(3, a);
    }

    [Theory]
    [MemberData(nameof(Moduli))]
    public void Arithmetic_mod_256_bits_is_that_of_BigInteger(string hex) => Seeded.Run(random =>
    {
        BigInteger m = BigInteger.Parse("0" + hex, System.Globalization.NumberStyles.HexNumber);
        var modulus = new Modulus256(Wide(m));
        BigInteger unR = BigInteger.ModPow(_r, m - 2, m);
        List<BigInteger> values = Values(random, _r, m);
        AssertWide(_r % m, modulus.One);
        foreach (BigInteger x in values)
        {
            AssertWide(x * _r % m, modulus.ToMontgomery(Wide(x)));
            AssertWide(x * unR % m, modulus.FromMontgomery(Wide(x)));
            AssertWide(BigInteger.ModPow(x, m - 2, m) * _r % m, modulus.Invert(modulus.ToMontgomery(Wide(x))));
            foreach (BigInteger y in values)
            {
                BigInteger reduced = y % m;
                AssertWide(x * reduced * unR % m, modulus.Multiply(Wide(x), Wide(reduced)));
                AssertWide(x * reduced * unR % m, modulus.Multiply(Wide(reduced), Wide(x)));
                AssertWide(((x % m) + reduced) % m, modulus.Add(Wide(x % m), Wide(reduced)));
                AssertWide(((x % m) - reduced + m) % m, modulus.Subtract(Wide(x % m), Wide(reduced)));
                AssertWide((x + (y * _r)) % m, modulus.Reduce(Wide(x), Wide(y)));
                Assert.Equal(x < y, Wide(x) < Wide(y));
            }
        }
    });

    [Theory]
    [InlineData(4, 0, 0, 0)]
    [InlineData(5, 0, 0, 1)]
    public void A_modulus_that_is_even_or_small_is_refused(ulong l0, ulong l1, ulong l2, ulong l3) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Modulus256(new UInt256(l0, l1, l2, l3)));

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Non_adjacent_forms_sum_to_their_scalar(int width) => Seeded.Run(random =>
    {
        sbyte[] digits = new sbyte[NonAdjacentForm.MaxDigits];
        foreach (BigInteger x in Values(random, _r, _p))
        {
            int highest = NonAdjacentForm.Write(Wide(x), width, digits);
            BigInteger sum = 0;
            int last = -width;
            for (int i = 0; i < digits.Length; i++)
            {
                sum += digits[i] * BigInteger.Pow(2, i);
                if (digits[i] != 0)
                {
                    Assert.True((digits[i] & 1) == 1 && Math.Abs((int)digits[i]) < 1 << (width - 1), $"digit {digits[i]}");
                    Assert.True(i - last >= width, $"digits at {last} and {i}");
                    last = i;
                }
            }

            Assert.True(sum == x, $"scalar {x:x}");
            Assert.Equal(x.IsZero ? -1 : last, highest);
        }
    });

    [Fact]
    public void The_table_of_the_base_point_gives_what_doubling_and_adding_gives() => Seeded.Run(random =>
    {
        byte[] table = new byte[32];
        byte[] plain = new byte[32];
        foreach (BigInteger scalar in Values(random, BigInteger.Pow(2, 255), _p).Take(24))
        {
            EdwardsPoint sum = EdwardsPoint.Identity;
            EdwardsAddend b = new(EdwardsBasePoint.Value);
            for (int i = 254; i >= 0; i--)
            {
                EdwardsPoint.Double(ref sum);
                if (!((scalar >> i) & 1).IsZero)
                {
                    EdwardsPoint.Add(ref sum, b);
                }
            }

            sum.Write(plain);
            EdwardsBasePoint.Multiply(Bytes(scalar), out EdwardsPoint product);
            product.Write(table);
            Assert.True(plain.AsSpan().SequenceEqual(table), $"scalar {scalar:x}");
        }
    });

    /// <summary>What lies at both ends of the range and around the modulus, and some at random.</summary>
    private static List<BigInteger> Values(Random random, BigInteger limit, BigInteger modulus)
    {
        var values = new List<BigInteger> { 0, 1, 2, 19, modulus - 2, modulus - 1, limit - 1, limit - 2, limit >> 1, (limit >> 1) - 1 };
        values.AddRange(new[] { modulus, modulus + 1, (modulus << 1) - 1 }.Where(v => v < limit));
        values.AddRange([(BigInteger.One << 51) - 1, BigInteger.One << 51, (BigInteger.One << 64) - 1, BigInteger.One << 64, (BigInteger.One << 204) - 1]);
        byte[] bytes = new byte[32];
        for (int i = 0; i < 12; i++)
        {
            random.NextBytes(bytes);
            values.Add(new BigInteger(bytes, isUnsigned: true) % limit);
        }

        return values;
    }

    private static byte[] Bytes(BigInteger value)
    {
        byte[] bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static FieldElement Element(BigInteger value) => FieldElement.Read(Bytes(value));

    private static UInt256 Wide(BigInteger value) => UInt256.ReadLittleEndian(Bytes(value));

    private static void AssertField(BigInteger expected, FieldElement actual)
    {
        byte[] bytes = new byte[32];
        actual.Write(bytes);
        BigInteger value = ((expected % _p) + _p) % _p;
        Assert.True(value == new BigInteger(bytes, isUnsigned: true), $"{value:x} is not {Convert.ToHexStringLower(bytes)} (little-endian)");
    }

    private static void AssertWide(BigInteger expected, UInt256 actual) =>
        Assert.True(Wide(expected) == actual, $"{expected:x} is not {actual}");
}
