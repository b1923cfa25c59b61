using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Bitswap.Libp2p.Crypto;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>Keys, secrets and signatures against OpenSSL in Node.js and @noble/curves of npm, in one process a test.</summary>
public sealed class CryptoDifferentialTests
{
    private static readonly TextbookEd25519.Point _order8 =
        TextbookEd25519.Read(Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))!.Value;

    [Fact]
    public Task X25519_makes_the_keys_and_secrets_of_OpenSSL() => Seeded.RunAsync(async random =>
    {
        var cases = new List<object>();
        var own = new List<string>();
        for (int i = 0; i < 200; i++)
        {
            byte[] secret = random.Bytes(32), peer = random.Bytes(32), publicKey = new byte[32], shared = new byte[32];
            X25519.PublicKey(secret, publicKey);
            Assert.True(X25519.TryAgree(secret, peer, shared), $"case {i}");
            cases.Add(new { secret = Hex(secret), peer = Hex(peer) });
            own.Add(Hex(publicKey) + Hex(shared));
        }

        await AssertSameAsync(
            """
            const privateKey = crypto.createPrivateKey({ key: hex('302e020100300506032b656e04220420' + c.secret), format: 'der', type: 'pkcs8' });
            const publicKey = crypto.createPublicKey({ key: hex('302a300506032b656e032100' + c.peer), format: 'der', type: 'spki' });
            const own = crypto.createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(12);
            return own.toString('hex') + crypto.diffieHellman({ privateKey, publicKey }).toString('hex');
            """,
            cases,
            own);
    });

    [Fact]
    public Task Ed25519_makes_the_keys_and_signatures_of_OpenSSL() => Seeded.RunAsync(async random =>
    {
        var cases = new List<object>();
        var own = new List<string>();
        for (int i = 0; i < 200; i++)
        {
            byte[] seed = random.Bytes(32), message = random.Bytes(random.Next(0, 300)), publicKey = new byte[32], signature = new byte[64];
            Ed25519.PublicKey(seed, publicKey);
            Ed25519.Sign(seed, message, signature);
            cases.Add(new { seed = Hex(seed), message = Hex(message) });
            own.Add(Hex(publicKey) + Hex(signature));
        }

        await AssertSameAsync(
            """
            const key = crypto.createPrivateKey({ key: hex('302e020100300506032b657004220420' + c.seed), format: 'der', type: 'pkcs8' });
            return crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12).toString('hex') +
                crypto.sign(null, hex(c.message), key).toString('hex');
            """,
            cases,
            own);
    });

    [Fact]
    public Task Ed25519_verifies_what_OpenSSL_verifies() => Seeded.RunAsync(async random =>
    {
        (List<object> cases, List<bool> own) = Signatures(random, torsions: 1);
        Assert.True(own.Count(valid => valid) is > 200 and < 280, $"{own.Count(valid => valid)} of 300 were valid");
        await AssertSameAsync(
            """
            const key = crypto.createPublicKey({ key: hex('302a300506032b6570032100' + c.key), format: 'der', type: 'spki' });
            return crypto.verify(null, hex(c.message), key, hex(c.signature)) ? 'True' : 'False';
            """,
            cases,
            own.ConvertAll(valid => valid.ToString()));
    });

    // keys and R of mixed order: always valid with the cofactor, and without it where the torsion cancels, about one in eight
    [Fact]
    public Task Ed25519_verifies_what_noble_verifies_whatever_the_order_of_the_points() => Seeded.RunAsync(async random =>
    {
        (List<object> cases, List<bool> own) = Signatures(random, torsions: 8);
        Assert.True(own.Count(valid => valid) is > 200 and < 280, $"{own.Count(valid => valid)} of 300 were valid");
        JsonElement answers = await InteropScript.RunAsync("noble.mjs", ["ed25519"], cases);
        Assert.Equal(own, answers.EnumerateArray().Select(answer => answer.GetBoolean()));
    });

    [Theory]
    [InlineData(KeyType.Secp256k1, "ec", "{ namedCurve: 'secp256k1' }", 100)]
    [InlineData(KeyType.Ecdsa, "ec", "{ namedCurve: 'P-256' }", 60)]
    [InlineData(KeyType.Rsa, "rsa", "{ modulusLength: 2048 }", 3)]
    public Task Signatures_that_OpenSSL_makes_verify_and_others_do_not(KeyType type, string kind, string options, int count) => Seeded.RunAsync(async random =>
    {
        List<object> cases = [.. Enumerable.Range(0, count).Select(_ => new { message = Hex(random.Bytes(random.Next(0, 300))) })];
        JsonElement[] answers = await NodeOracle.AskAsync(
            $$"""
            const { privateKey, publicKey } = crypto.generateKeyPairSync('{{kind}}', {{options}});
            return {
                message: c.message,
                key: publicKey.export({ format: 'der', type: 'spki' }).toString('hex'),
                signature: crypto.sign('sha256', hex(c.message), privateKey).toString('hex'),
            };
            """,
            cases);
        foreach (JsonElement answer in answers)
        {
            byte[] message = Convert.FromHexString(answer.GetProperty("message").GetString()!);
            byte[] signature = Convert.FromHexString(answer.GetProperty("signature").GetString()!);
            byte[] data = Convert.FromHexString(answer.GetProperty("key").GetString()!);
            PublicKey key = PublicKey.Decode(KeyEncoding.Encode(type, type == KeyType.Secp256k1 ? Compress(data) : data));
            Assert.True(key.Verify(message, signature), answer.GetRawText());
            Assert.False(key.Verify([.. message, 1], signature), answer.GetRawText());
            signature[random.Next(0, signature.Length)] ^= (byte)(1 << random.Next(0, 8));
            Assert.False(key.Verify(message, signature), answer.GetRawText());
        }
    });

    // random numbers for r and s, valid DER or not, and signatures with s exchanged for n - s
    [Fact]
    public Task Secp256k1_verifies_what_OpenSSL_verifies() => Seeded.RunAsync(async random =>
    {
        byte[] key = Convert.FromHexString(SpecKeys.Secp256k1Public)[4..];
        PublicKey own = PublicKey.Decode(Convert.FromHexString(SpecKeys.Secp256k1Public));
        List<object> cases = [.. Enumerable.Range(0, 120).Select(i => new { i, message = Hex(random.Bytes(40)) })];
        JsonElement[] answers = await NodeOracle.AskAsync(
            $$"""
            const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
            const head = '302e0201010420';
            const scalar = '53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb';
            const privateKey = crypto.createPrivateKey({ key: hex(head + scalar + 'a00706052b8104000a'), format: 'der', type: 'sec1' });
            const publicKey = crypto.createPublicKey(privateKey);
            const plain = crypto.sign('sha256', hex(c.message), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('hex');
            let [r, s] = [BigInt('0x' + plain.slice(0, 64)), BigInt('0x' + plain.slice(64))];
            if (c.i % 6 === 1) s = n - s;
            if (c.i % 6 === 2) s = s + 1n;
            if (c.i % 6 === 3) r = (r * 7n) % n;
            if (c.i % 6 === 4) s = n;
            if (c.i % 6 === 5) r = 0n;
            const integer = v => { let t = v.toString(16); if (t.length % 2) t = '0' + t; if (t[0] >= '8') t = '00' + t;
                return '02' + (t.length / 2).toString(16).padStart(2, '0') + t; };
            const both = integer(r) + integer(s);
            const signature = '30' + (both.length / 2).toString(16).padStart(2, '0') + both;
            const jwk = publicKey.export({ format: 'jwk' });
            return { signature, x: Buffer.from(jwk.x, 'base64url').toString('hex'), valid: crypto.verify('sha256', hex(c.message), publicKey, hex(signature)) };
            """,
            cases);
        for (int i = 0; i < answers.Length; i++)
        {
            byte[] message = Convert.FromHexString((string)cases[i].GetType().GetProperty("message")!.GetValue(cases[i])!);
            byte[] signature = Convert.FromHexString(answers[i].GetProperty("signature").GetString()!);
            Assert.Equal(Hex(key.AsSpan(1)), answers[i].GetProperty("x").GetString());
            bool valid = answers[i].GetProperty("valid").GetBoolean();
            Assert.Equal(i % 6 < 2, valid);
            Assert.True(valid == own.Verify(message, signature), $"case {i}: {answers[i].GetRawText()}");
        }
    });

    private static async Task AssertSameAsync(string each, List<object> cases, List<string> own)
    {
        JsonElement[] answers = await NodeOracle.AskAsync(each, cases);
        for (int i = 0; i < answers.Length; i++)
        {
            Assert.True(answers[i].GetString() == own[i], $"case {i}: {cases[i]}, here {own[i]}, there {answers[i]}");
        }
    }

    /// <summary>300 signatures, of which every fourth has a bit changed, and what is found here of each.</summary>
    private static (List<object> Cases, List<bool> Own) Signatures(Random random, int torsions)
    {
        var cases = new List<object>();
        var own = new List<bool>();
        for (int i = 0; i < 300; i++)
        {
            byte[] message = random.Bytes(random.Next(0, 100));
            (byte[] key, byte[] signature) = SignWithTorsion(random, message, random.Next(torsions), random.Next(torsions));
            if (i % 4 == 3)
            {
                byte[] changed = random.Next(0, 2) == 0 ? key : signature;
                changed[random.Next(0, changed.Length)] ^= (byte)(1 << random.Next(0, 8));
            }

            cases.Add(new { key = Hex(key), message = Hex(message), signature = Hex(signature) });
            own.Add(Ed25519.Verify(key, message, signature));
        }

        return (cases, own);
    }

    /// <summary>A = aB + [t]T and R = rB + [u]T for T of order 8, with S = r + k a: right but for the torsion.</summary>
    private static (byte[] Key, byte[] Signature) SignWithTorsion(Random random, byte[] message, int keyTorsion, int nonceTorsion)
    {
        BigInteger a = new BigInteger(random.Bytes(32), isUnsigned: true) % TextbookEd25519.Order;
        BigInteger r = new BigInteger(random.Bytes(32), isUnsigned: true) % TextbookEd25519.Order;
        byte[] key = TextbookEd25519.Encode((a * TextbookEd25519.Base) + (keyTorsion * _order8));
        byte[] nonce = TextbookEd25519.Encode((r * TextbookEd25519.Base) + (nonceTorsion * _order8));
        BigInteger k = TextbookEd25519.Hash(nonce, key, message);
        return (key, [.. nonce, .. TextbookEd25519.Write((r + (k * a)) % TextbookEd25519.Order)]);
    }

    private static byte[] Compress(byte[] info) => [(byte)(2 + (info[^1] & 1)), .. info.AsSpan(info.Length - 64, 32)];

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
