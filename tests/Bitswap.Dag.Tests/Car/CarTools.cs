using System.Buffers.Binary;
using Bitswap.Dag.Car;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.Car;

/// <summary>CARs in memory.</summary>
internal static class CarTools
{
    public static (Cid Cid, byte[] Data)[] RawBlocks(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new byte[] { (byte)i, 1, 2 }).Select(data => (Cid.Compute(Multicodec.Raw, data), data))];

    public static async Task<byte[]> WriteAsync(IReadOnlyList<Cid> roots, IEnumerable<(Cid Cid, byte[] Data)> blocks)
    {
        var stream = new MemoryStream();
        await using (CarWriter writer = await CarWriter.CreateAsync(stream, roots))
        {
            foreach ((Cid cid, byte[] data) in blocks)
            {
                await writer.WriteAsync(cid, data);
            }

            Assert.Equal(stream.Length, writer.Length);
        }

        return stream.ToArray();
    }

    /// <summary>A version 2 around a version 1, with padding before it and an index after it.</summary>
    public static byte[] Version2(byte[] version1, int padding, int indexLength, long? size = null)
    {
        var car = new byte[51 + padding + version1.Length + indexLength];
        Convert.FromHexString("0aa16776657273696f6e02").CopyTo(car, 0);
        BinaryPrimitives.WriteInt64LittleEndian(car.AsSpan(27), 51 + padding);
        BinaryPrimitives.WriteInt64LittleEndian(car.AsSpan(35), size ?? version1.Length);
        BinaryPrimitives.WriteInt64LittleEndian(car.AsSpan(43), indexLength == 0 ? 0 : 51 + padding + version1.Length);
        version1.CopyTo(car, 51 + padding);
        car.AsSpan(51 + padding + version1.Length).Fill(0xEE);
        return car;
    }

    /// <summary>Reads all there is: the blocks that were given, what was passed over, and the error that ended it.</summary>
    public static async Task<(List<CarBlock> Blocks, CarException? Error)> ReadAsync(Stream stream, CarOptions? options = null, List<CarException>? passedOver = null)
    {
        List<CarBlock> blocks = [];
        passedOver ??= [];
        try
        {
            await using CarReader reader = await CarReader.OpenAsync(stream, options);
            try
            {
                await foreach (CarBlock block in reader.ReadAllAsync(passedOver.Add))
                {
                    blocks.Add(block);
                }
            }
            catch (CarException error)
            {
                Assert.Same(error, await Assert.ThrowsAsync<CarException>(async () => await reader.ReadAsync()));
                return (blocks, error);
            }
        }
        catch (CarException error)
        {
            return (blocks, error);
        }

        return (blocks, null);
    }

    public static Task<(List<CarBlock> Blocks, CarException? Error)> ReadAsync(byte[] car, CarOptions? options = null) =>
        ReadAsync(new MemoryStream(car), options);
}
