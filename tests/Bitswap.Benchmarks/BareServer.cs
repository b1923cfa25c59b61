using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Bitswap.Benchmarks;

/// <summary>Sends blocks over the bare line as fast as it goes.</summary>
internal static class BareServer
{
    public static async Task<int> RunAsync(int size, int count)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        using Socket socket = await listener.AcceptAsync();
        socket.NoDelay = true;

        byte[] block = BareLine.Block(size);
        byte[] buffer = new byte[BareLine.BufferSize];
        byte[] nonce = new byte[12];
        using ChaCha20Poly1305 cipher = BareLine.Cipher();
        ulong messages = 0;
        int used = 0;
        for (int i = 0; i < count; i++)
        {
            for (int offset = 0; offset < size;)
            {
                int take = Math.Min(size - offset, BareLine.MaxPlaintext);
                if (used + BareLine.LengthSize + take + BareLine.TagSize > buffer.Length)
                {
                    await SendAsync(socket, buffer, used);
                    used = 0;
                }

                used += Seal(cipher, nonce, messages++, block.AsSpan(offset, take), buffer.AsSpan(used));
                offset += take;
            }
        }

        await SendAsync(socket, buffer, used);
        socket.Shutdown(SocketShutdown.Send);
        return await socket.ReceiveAsync(buffer);
    }

    private static int Seal(ChaCha20Poly1305 cipher, byte[] nonce, ulong number, ReadOnlySpan<byte> plaintext, Span<byte> message)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(nonce.AsSpan(4), number);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(plaintext.Length + BareLine.TagSize));
        Span<byte> sealedText = message.Slice(BareLine.LengthSize, plaintext.Length);
        cipher.Encrypt(nonce, plaintext, sealedText, message.Slice(BareLine.LengthSize + plaintext.Length, BareLine.TagSize));
        return BareLine.LengthSize + plaintext.Length + BareLine.TagSize;
    }

    private static async Task SendAsync(Socket socket, byte[] buffer, int length)
    {
        for (int sent = 0; sent < length;)
        {
            sent += await socket.SendAsync(buffer.AsMemory(sent, length - sent));
        }
    }
}
