using Bitswap.Dag.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Fuzz;

/// <summary>A parser that takes whatever it is given, and the errors with which it may refuse it.</summary>
/// <param name="Name">The name on the command line and of the folder of its seeds.</param>
/// <param name="ErrorIds">The ids of the errors that may leave it.</param>
/// <param name="Parse">Parses the input, and checks what it made of it.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<string> ErrorIds, Action<ReadOnlyMemory<byte>> Parse)
{
    /// <summary>The most memory a run may allocate for each byte of its input.</summary>
    private const long AllocatedPerByte = 1024;

    /// <summary>The most memory a run may allocate whatever its input, in bytes.</summary>
    public long AllocatedAlways { get; init; } = 1 << 20;

    /// <summary>Words of the format, for a fuzzer to put together.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Parses an input.</summary>
    /// <returns>The id of the error that refused it; null when it was taken.</returns>
    /// <exception cref="FuzzFailureException">Another error left the parser, it allocated too much, or what it made of the input is wrong.</exception>
    public string? Run(ReadOnlyMemory<byte> input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? refusal = null;
        try
        {
            Parse(input);
        }
        catch (Exception error) when (error is not FuzzFailureException)
        {
            refusal = IdOf(error) is { } id && ErrorIds.Contains(id)
                ? id
                : throw new FuzzFailureException($"{error.GetType().Name} left the parser: {error.Message}", error);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= AllocatedAlways + (AllocatedPerByte * input.Length)
            ? refusal
            : throw new FuzzFailureException($"{input.Length} bytes of input made it allocate {allocated}.");
    }

    private static string? IdOf(Exception error) => error switch
    {
        MultiformatException e => e.ErrorId,
        WireException e => e.ErrorId,
        DagException e => e.ErrorId,
        Libp2pException e => e.ErrorId,
        BitswapException e => e.ErrorId,
        _ => null,
    };
}
