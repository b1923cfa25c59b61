using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Tests.Crypto;

public sealed class PrivateKeyTests
{
    private const string Seed = "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d";
    private const string Public = "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

    [Fact]
    public void The_key_of_the_specs_is_read_and_written()
    {
        PrivateKey key = PrivateKey.Decode(Convert.FromHexString(SpecKeys.Ed25519Private));
        Assert.Equal(SpecKeys.Ed25519Public, Convert.ToHexStringLower(key.PublicKey.Encode()));
        Assert.Equal(SpecKeys.Ed25519Private, Convert.ToHexStringLower(key.Encode()));
        Assert.Equal(SpecKeys.Ed25519Private, Convert.ToHexStringLower(PrivateKey.FromSeed(Convert.FromHexString(Seed)).Encode()));
        Assert.Equal("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", key.PeerId.ToString());
    }

    [Fact]
    public void The_older_form_is_read_and_written_as_the_current_one()
    {
        PrivateKey key = PrivateKey.Decode(Convert.FromHexString("08011260" + Seed + Public + Public));
        Assert.Equal(SpecKeys.Ed25519Private, Convert.ToHexStringLower(key.Encode()));
    }

    [Theory]
    [InlineData(36)] // the public key's first byte
    [InlineData(67)] // its last
    [InlineData(4)] // the seed's first byte
    public void A_public_half_that_is_not_the_seeds_is_refused(int position)
    {
        byte[] encoded = Convert.FromHexString(SpecKeys.Ed25519Private);
        encoded[position] ^= 1;
        AssertInvalid(encoded);
    }

    [Fact]
    public void The_older_form_with_two_public_keys_that_differ_is_refused()
    {
        byte[] encoded = Convert.FromHexString("08011260" + Seed + Public + Public);
        encoded[^1] ^= 1;
        AssertInvalid(encoded);
    }

    [Theory]
    [InlineData(SpecKeys.Ed25519Public)]
    [InlineData(SpecKeys.Secp256k1Private)]
    [InlineData(SpecKeys.EcdsaPrivate)]
    [InlineData(SpecKeys.RsaPrivate)]
    [InlineData("08011220" + Seed)]
    [InlineData("08021240" + Seed + Public)]
    public void Another_kind_or_length_of_key_is_refused(string encoded) => AssertInvalid(Convert.FromHexString(encoded));

    [Fact]
    public void A_key_cut_short_or_followed_by_more_is_refused()
    {
        byte[] whole = Convert.FromHexString(SpecKeys.Ed25519Private);
        for (int length = 0; length < whole.Length; length++)
        {
            AssertInvalid(whole[..length]);
        }

        AssertInvalid([.. whole, 0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_seed_of_another_length_is_refused(int length) =>
        Assert.Equal("InvalidKey", Assert.Throws<Libp2pException>(() => PrivateKey.FromSeed(new byte[length])).ErrorId);

    [Fact]
    public void What_it_signs_its_public_key_verifies()
    {
        PrivateKey key = PrivateKey.Generate();
        byte[] message = "noise-libp2p-static-key:"u8.ToArray();
        byte[] signature = key.Sign(message);
        Assert.True(PublicKey.Decode(key.PublicKey.Encode()).Verify(message, signature));
        Assert.False(PrivateKey.Generate().PublicKey.Verify(message, signature));
        Assert.Equal(signature, PrivateKey.Decode(key.Encode()).Sign(message));
    }

    [Fact]
    public void No_two_generated_keys_are_the_same() =>
        Assert.Equal(50, Enumerable.Range(0, 50).Select(_ => PrivateKey.Generate().PeerId).Distinct().Count());

    [Fact]
    public void Its_text_does_not_tell_the_secret()
    {
        PrivateKey key = PrivateKey.FromSeed(Convert.FromHexString(Seed));
        Assert.Equal(key.PeerId.ToString(), key.ToString());
    }

    private static void AssertInvalid(byte[] encoded) =>
        Assert.Equal("InvalidKey", Assert.Throws<Libp2pException>(() => PrivateKey.Decode(encoded)).ErrorId);
}
