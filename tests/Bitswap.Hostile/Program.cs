using System.Globalization;
using Bitswap.Hostile;
using Bitswap.Hostile.LongForms;

// what a run starts of itself comes first: a node to attack, and attackers in a process of their own
return args switch
{
    ["node"] => await VictimNode.RunAsync(connections: 0),
    ["node", string connections] => await VictimNode.RunAsync(int.Parse(connections)),
    ["idle-peers", string address, string count] => await IdlePeers.ConnectAsync(Bitswap.Multiaddr.Parse(address), int.Parse(count)),
    ["raw-sockets", string address, string count] => await RawSockets.OpenAsync(Bitswap.Multiaddr.Parse(address), int.Parse(count)),
    ["attack", string name, string address, string count] => await AttackCommand.RunAsync(name, Bitswap.Multiaddr.Parse(address), int.Parse(count)),
    ["lure", string name, string address, string count] => await LureCommand.RunAsync(name, Bitswap.Multiaddr.Parse(address), int.Parse(count)),
    ["fetch", string seconds, string sources] => await FetchCommand.RunAsync(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), Sources.Parse(sources)),
    ["list"] => List(),
    ["run", .. string[] rest] => await RunCommand.RunAsync(rest),
    ["churn", .. string[] rest] => await Churn.RunAsync(rest.Seconds(600), rest.Number("--peers", 8), rest.Number("--seed", Random.Shared.Next())),
    ["idle", .. string[] rest] => await IdlePeers.RunAsync(rest.Number("--peers", 1000)),
    ["sockets", .. string[] rest] => await RawSockets.RunAsync(rest.Number("--count", 10_000), rest.Seconds(60)),
    _ => Usage(),
};

static int List()
{
    foreach ((string name, string summary) in Attack.All.Select(attack => (attack.Name, attack.Summary)).Concat(Lure.All.Select(lure => (lure.Name, lure.Summary))))
    {
        Console.WriteLine($"{name,-26} {summary}");
    }

    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("""
        run [ATTACK] [--attackers 2,8,64] [--seconds 4]   measures one attack, or all; part of a name is enough
        list                                              names them
        churn [--seconds 600] [--peers 8] [--seed N]      peers come and go while blocks move, and the books are compared
        idle [--peers 1000]                               what a peer that does nothing costs
        sockets [--count 10000] [--seconds 60]            sockets that say nothing, and honest dials among them
        """);
    return 64;
}
