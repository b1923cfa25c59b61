using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Tests;

/// <summary>Asserts that a call is refused with an error id and a message that names the cause.</summary>
internal static class Fails
{
    public static void With(string errorId, string messagePart, Action call)
    {
        MultiformatException error = Assert.Throws<MultiformatException>(call);
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(messagePart, error.Message);
    }
}
