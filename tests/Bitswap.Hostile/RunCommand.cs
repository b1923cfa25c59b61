using System.Diagnostics;
using System.Globalization;

namespace Bitswap.Hostile;

/// <summary>
/// Measures attacks: an honest transfer alone as the control, then the same beside the attackers, with the node, the transfer and the attackers in processes of their own. One
/// row an attack and a number of attackers.
/// </summary>
internal static class RunCommand
{
    private static readonly TimeSpan _begins = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _settles = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] arguments)
    {
        TimeSpan time = arguments.Seconds(4);
        int[] counts = [.. arguments.Text("--attackers", "2,8,64").Split(',').Select(int.Parse)];
        string part = arguments is [{ } name, ..] && !name.StartsWith("--", StringComparison.Ordinal) ? name : "";
        Attack[] attacks = Attack.Find(part);
        Lure[] lures = Lure.Find(part);
        if (attacks.Length + lures.Length == 0)
        {
            Console.Error.WriteLine("There is no such attack; `list` names them.");
            return 64;
        }

        Cid[] cids = HonestBlocks.Cids(HonestBlocks.Count);
        Console.WriteLine(Row.Heads);
        foreach (Attack attack in attacks)
        {
            foreach (int count in counts)
            {
                Console.WriteLine(await MeasureAsync(attack, count, cids, time));
            }
        }

        foreach (Lure lure in lures)
        {
            foreach (int count in counts)
            {
                Console.WriteLine(await MeasureAsync(lure, count, time));
            }
        }

        return 0;
    }

    // the node serves, and the transfer takes from it what the attackers leave
    private static async Task<Row> MeasureAsync(Attack attack, int count, Cid[] cids, TimeSpan time)
    {
        await using ChildProcess node = await ChildProcess.StartAsync("node");
        Multiaddr target = Multiaddr.Parse(node.Ready);
        await WarmAsync(target, cids);
        TimeSpan own = Environment.CpuUsage.TotalTime;
        Task<TransferResult> alone = Transfer.RunAsync(target, cids, time);
        Load controlLoad = await Load.OfAsync(node, alone);
        double controlCpu = controlLoad.Cpu + ((Environment.CpuUsage.TotalTime - own) / time);
        TransferResult control = await alone;
        Task<TransferResult> transfer;
        Load load;
        double attackCpu;
        await using (ChildProcess attackers = await ChildProcess.StartAsync("attack", attack.Name, node.Ready, Text(count)))
        {
            await Task.Delay(_begins);
            TimeSpan before = attackers.Cpu;
            long started = Stopwatch.GetTimestamp();
            transfer = Transfer.RunAsync(target, cids, time);
            load = await Load.OfAsync(node, transfer);
            attackCpu = (attackers.Cpu - before) / Stopwatch.GetElapsedTime(started);
            load = load with { InUse = (await node.ReportAsync()).Managed };
        }

        await Task.Delay(_settles);
        load = load with { After = node.Memory, InUseAfter = (await node.ReportAsync()).Managed };
        return new Row(attack.Name, count, control, await transfer, 1.0 / (count + 1), load, controlCpu, attackCpu);
    }

    // where the machine is busy, the first transfer of a process is over before its code is compiled
    private static async Task WarmAsync(Multiaddr target, Cid[] cids)
    {
        for (int i = 0; i < 10 && (await Transfer.RunAsync(target, cids, _begins)).Rate == 0; i++)
        {
        }
    }

    // the node fetches, and finds the one honest source among the liars
    private static async Task<Row> MeasureAsync(Lure lure, int count, TimeSpan time)
    {
        await using ChildProcess provider = await ChildProcess.StartAsync("node");
        TimeSpan served = provider.Cpu;
        (TransferResult control, Load alone, _) = await FetchAsync(lure, 0, provider, time);
        double controlCpu = alone.Cpu + ((provider.Cpu - served) / time);
        (TransferResult attacked, Load load, double attackCpu) = await FetchAsync(lure, count, provider, time);
        return new Row(lure.Name, count, control, attacked, 1, load, controlCpu, attackCpu);
    }

    private static async Task<(TransferResult Result, Load Load, double AttackCpu)> FetchAsync(Lure lure, int count, ChildProcess provider, TimeSpan time)
    {
        ChildProcess liars = await ChildProcess.StartAsync("lure", lure.Name, provider.Ready, Text(count));
        await using ChildProcess node = await ChildProcess.StartAsync("fetch", time.TotalSeconds.ToString(CultureInfo.InvariantCulture), liars.Ready);
        Load load;
        TransferResult result;
        double attackCpu;
        await using (liars)
        {
            TimeSpan before = liars.Cpu;
            long started = Stopwatch.GetTimestamp();
            Task<string> line = node.ReadLineAsync();
            load = await Load.OfAsync(node, line);
            result = new TransferResult(double.Parse(await line, CultureInfo.InvariantCulture), 0, null);
            attackCpu = (liars.Cpu - before) / Stopwatch.GetElapsedTime(started);
        }

        await Task.Delay(_settles);
        return (result, load with { After = node.Memory }, attackCpu);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
