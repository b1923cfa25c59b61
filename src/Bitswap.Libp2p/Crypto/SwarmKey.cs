using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Bitswap.Libp2p.Errors;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// Represents the key that all peers of a private network share (libp2p specs, pnet/Private-Networks-PSK-V1-Spec.md). Immutable, safe from any thread. Its text tells the
/// fingerprint only.
/// </summary>
public sealed class SwarmKey
{
    /// <summary>The length of a key, in bytes.</summary>
    public const int Length = 32;

    /// <summary>The most bytes that the file of a key may have; in base16 it has 95.</summary>
    public const int MaxFileLength = 1024;

    private const string Header = "/key/swarm/psk/1.0.0/";

    private readonly byte[] _secret;

    private SwarmKey(ReadOnlySpan<byte> secret)
    {
        // pinned, so that the garbage collector leaves no copies behind when it moves things
        _secret = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
        secret.CopyTo(_secret);
        Fingerprint = FingerprintOf(secret);
    }

    /// <summary>Gets 32 hexadecimal digits that follow from the key and do not betray it, the same that Kubo prints when it starts.</summary>
    public string Fingerprint { get; }

    /// <summary>Gets the secret.</summary>
    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>
    /// Reads a key as Kubo keeps it in the file <c>swarm.key</c>: the line <c>/key/swarm/psk/1.0.0/</c>, a line <c>/base16/</c>, <c>/base64/</c> or <c>/bin/</c>, and 32 bytes in that
    /// encoding.
    /// </summary>
    /// <param name="file">What the file holds. Line ends of both kinds are taken, and one behind the key.</param>
    /// <exception cref="Libp2pException"><see cref="Libp2pErrorIds.InvalidKey"/>: it is no such file.</exception>
    public static SwarmKey Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxFileLength)
        {
            throw Invalid($"it has {file.Length} bytes, more than {MaxFileLength}");
        }

        if (TakeLine(ref file) is var header && header != Header)
        {
            throw Invalid($"its first line is not {Header}");
        }

        string encoding = TakeLine(ref file);
        Span<byte> secret = stackalloc byte[Length];
        try
        {
            bool isWhole = encoding switch
            {
                "/base16/" => ReadBase16(file, secret),
                "/base64/" => Base64.DecodeFromUtf8(WithoutLineEnd(file), secret, out int read, out int written) == System.Buffers.OperationStatus.Done
                    && read == WithoutLineEnd(file).Length && written == Length,
                "/bin/" => ReadBinary(file, secret),
                _ => throw Invalid("its second line is none of /base16/, /base64/ and /bin/"),
            };
            return isWhole ? new SwarmKey(secret) : throw Invalid($"its third line is not {Length} bytes in {encoding.Trim('/')}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Returns the fingerprint.</summary>
    public override string ToString() => Fingerprint;

    // Kubo, core/node/libp2p/pnet.go: the key is not given to the hash itself
    private static string FingerprintOf(ReadOnlySpan<byte> secret)
    {
        byte[] stream = new byte[64];
        Salsa20Engine cipher = new();
        cipher.Init(true, new ParametersWithIV(new KeyParameter(secret), "finprint"u8));
        cipher.ProcessBytes(stream, stream);
        byte[] hash = new byte[16];
        ShakeDigest shake = new(128);
        shake.BlockUpdate(stream);
        shake.OutputFinal(hash);
        return Convert.ToHexStringLower(hash);
    }

    private static bool ReadBase16(ReadOnlySpan<byte> text, Span<byte> secret)
    {
        text = WithoutLineEnd(text);
        return text.Length == 2 * Length && Convert.FromHexString(text, secret, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    // a byte of the key may look like a line end
    private static bool ReadBinary(ReadOnlySpan<byte> bytes, Span<byte> secret) =>
        bytes.Length >= Length && WithoutLineEnd(bytes[Length..]).IsEmpty && bytes[..Length].TryCopyTo(secret);

    private static string TakeLine(ref ReadOnlySpan<byte> file)
    {
        int end = file.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? file : file[..end];
        file = end < 0 ? [] : file[(end + 1)..];
        return Encoding.Latin1.GetString(line.EndsWith("\r"u8) ? line[..^1] : line);
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> text)
    {
        text = text.EndsWith("\n"u8) ? text[..^1] : text;
        return text.EndsWith("\r"u8) ? text[..^1] : text;
    }

    private static Libp2pException Invalid(string why) => new(Libp2pErrorIds.InvalidKey, $"This is no swarm key: {why}.");
}
