using Bitswap.Libp2p.Crypto;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>The one DER form of a signature, for both curves of 256 bits.</summary>
public sealed class EcdsaSignatureTests
{
    private const string Ones = "7f01010101010101010101010101010101010101010101010101010101010101";
    private const string High = "ff01010101010101010101010101010101010101010101010101010101010101";

    [Theory]
    [InlineData("3006" + "020101" + "020102", "01", "02")]
    [InlineData("3006" + "020100" + "02017f", "00", "7f")]
    [InlineData("3008" + "02020080" + "020200ff", "80", "ff")]
    [InlineData("3044" + "0220" + Ones + "0220" + Ones, Ones, Ones)]
    [InlineData("3046" + "022100" + High + "022100" + High, High, High)]
    public void Positive_numbers_of_up_to_256_bits_are_read(string der, string r, string s)
    {
        byte[] numbers = [.. Enumerable.Repeat((byte)0xcc, 64)];
        Assert.True(EcdsaSignature.TryRead(Convert.FromHexString(der), numbers));
        Assert.Equal(r.PadLeft(64, '0') + s.PadLeft(64, '0'), Convert.ToHexStringLower(numbers));
    }

    [Theory]
    [InlineData("3006" + "020181" + "020101")] // r negative
    [InlineData("3006" + "020101" + "0201ff")] // s negative
    [InlineData("3007" + "02020001" + "020101")] // r with a zero too many
    [InlineData("3007" + "0202ff81" + "020101")] // negative, with a byte too many
    [InlineData("3005" + "0200" + "020101")] // r of no bytes
    [InlineData("3046" + "022101" + Ones + "022100" + High)] // r of 257 bits
    [InlineData("3047" + "02220100" + Ones + "022100" + High)] // r of 265
    [InlineData("308106" + "020101" + "020102")] // lengths that are not the shortest
    [InlineData("3007" + "02810101" + "020102")]
    [InlineData("3080" + "020101" + "020102" + "0000")] // without a length
    [InlineData("3106" + "020101" + "020102")] // a set
    [InlineData("3006" + "030101" + "020102")] // a bit string
    [InlineData("2006" + "020101" + "020102")]
    [InlineData("3009" + "020101" + "020102" + "020103")] // three numbers
    [InlineData("3003" + "020101")] // one
    [InlineData("3006" + "020101" + "020102" + "00")] // something after it
    [InlineData("3007" + "020101" + "020102")] // cut short
    [InlineData("3084ffffffff" + "020101" + "020102")] // longer than memory
    public void Anything_else_is_refused(string der) =>
        Assert.False(EcdsaSignature.TryRead(Convert.FromHexString(der), new byte[64]));

    [Fact]
    public void What_a_changed_byte_leaves_is_read_or_refused() => Seeded.Run(2000, random =>
    {
        byte[] der = Convert.FromHexString("3046" + "022100" + High + "022100" + High);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            der[random.Next(der.Length)] = (byte)random.Next(256);
        }

        byte[] numbers = new byte[64];
        if (EcdsaSignature.TryRead(der, numbers))
        {
            // whatever is taken has one form, so its head and its zeros are what they were
            Assert.Equal("3046022100", Convert.ToHexStringLower(der, 0, 5));
            Assert.Equal(der[5..37], numbers[..32]);
            Assert.Equal(der[40..], numbers[32..]);
        }
    });
}
