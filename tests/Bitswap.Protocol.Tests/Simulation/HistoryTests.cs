namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>
/// One engine under random histories: callers, peers that answer, lie, go and come back, a store and a network that answer when they please. After each step
/// what must always hold is checked; at the end all is answered, and nothing is left.
/// </summary>
public sealed class HistoryTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_must_hold_holds_after_every_step(int seed)
    {
        var history = new History(seed);
        try
        {
            for (int i = 0; i < 1500; i++)
            {
                history.Step();
            }

            history.Finish();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, step {history.Steps}, {history.Last}: {e.Message}", e);
        }
    }

    public static TheoryData<int> Seeds()
    {
        var data = new TheoryData<int>();
        int extra = Environment.GetEnvironmentVariable("BITSWAP_HISTORY_SEED") is { } text ? int.Parse(text) : 0;
        for (int i = 1; i <= 40; i++)
        {
            data.Add(i + extra);
        }

        return data;
    }
}
