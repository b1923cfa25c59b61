using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Bitswap.Benchmarks;

/// <summary>Receives blocks over the bare line: decrypts in place, hashes and verifies each; the first few untimed.</summary>
internal static class BareClient
{
    public static async Task<int> RunAsync(int port, int size, int warmup, int count)
    {
        byte[] expected = SHA256.HashData(BareLine.Block(size));
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        byte[] buffer = new byte[BareLine.BufferSize];
        byte[] nonce = new byte[12];
        using ChaCha20Poly1305 cipher = BareLine.Cipher();
        BlockCheck check = new(size, expected);
        long started = Stopwatch.GetTimestamp();
        ulong messages = 0;
        int held = 0;
        while (check.Verified < warmup + count)
        {
            if (check.Verified < warmup)
            {
                started = Stopwatch.GetTimestamp();
            }

            int received = await socket.ReceiveAsync(buffer.AsMemory(held));
            if (received == 0)
            {
                return 1;
            }

            held += received;
            int used = 0;
            while (Open(cipher, nonce, messages, buffer.AsSpan(used, held - used), out Span<byte> plaintext))
            {
                messages++;
                used += BareLine.LengthSize + plaintext.Length + BareLine.TagSize;
                check.Append(plaintext);
            }

            buffer.AsSpan(used, held - used).CopyTo(buffer);
            held -= used;
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(seconds.ToString("R", CultureInfo.InvariantCulture));
        return 0;
    }

    private static bool Open(ChaCha20Poly1305 cipher, byte[] nonce, ulong number, Span<byte> received, out Span<byte> plaintext)
    {
        plaintext = default;
        if (received.Length < BareLine.LengthSize)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(received);
        if (received.Length < BareLine.LengthSize + length)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(nonce.AsSpan(4), number);
        plaintext = received.Slice(BareLine.LengthSize, length - BareLine.TagSize);
        cipher.Decrypt(nonce, plaintext, received.Slice(BareLine.LengthSize + plaintext.Length, BareLine.TagSize), plaintext);
        return true;
    }
}
