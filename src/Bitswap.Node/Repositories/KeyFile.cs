using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Node.Core;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Node.Repositories;

/// <summary>
/// A file with a private key: libp2p's own PrivateKey message, as <c>ipfs key export --format=libp2p-protobuf-cleartext</c> writes it. Only its owner may read it
/// (mode 600); on Windows it has the rights of its folder, by default those of the user's profile.
/// </summary>
internal static class KeyFile
{
    // An Ed25519 key takes 68 bytes, an RSA key of 8192 bits, which is refused by name, under 5 KiB.
    private const int MaxLength = 16 * 1024;

    /// <summary>Reads a key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="invalid">Makes the error of a file that holds none, of what is wrong with it and the cause.</param>
    public static PrivateKey Read(string path, Func<string, Exception?, BitswapException> invalid)
    {
        byte[] content = GC.AllocateUninitializedArray<byte>(MaxLength + 1, pinned: true);
        try
        {
            int length;
            using (SafeFileHandle file = File.OpenHandle(path))
            {
                length = RandomAccess.Read(file, content, 0);
            }

            return length <= MaxLength ? PrivateKey.Decode(content.AsSpan(0, length)) : throw invalid("it is too long for a key", null);
        }
        catch (Libp2pException error)
        {
            throw invalid(error.Message, error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>
    /// Writes a new file aside with its mode from the start, flushed and renamed: the key is there whole, and no other user could ever read it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="unfinished">Where it is put together; a path that cannot be guessed.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="IOException">It cannot be written, or something is at its path.</exception>
    public static void Write(string path, string unfinished, PrivateKey key)
    {
        byte[] encoded = key.Encode();
        try
        {
            OwnFile.Replace(path, unfinished, encoded, overwrite: false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
        }
    }
}
