namespace Bitswap.Fuzz;

/// <summary>A parser did what it must not do, whatever its input is.</summary>
internal sealed class FuzzFailureException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Fails unless <paramref name="condition"/> holds.</summary>
    public static void Unless(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new FuzzFailureException(otherwise);
        }
    }
}
