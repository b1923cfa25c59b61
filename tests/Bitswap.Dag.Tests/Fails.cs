using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.Tests;

/// <summary>Asserts that a call is refused with an error id and a message that names the cause.</summary>
internal static class Fails
{
    public static void With(string errorId, string messagePart, Action call)
    {
        DagException error = Assert.Throws<DagException>(call);
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(messagePart, error.Message);
    }
}
