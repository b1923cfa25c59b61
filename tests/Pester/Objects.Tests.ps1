# What holds of every object that the module gives: its lists index, its CIDs, peer ids and addresses are text, and what a serializer makes of it is taken as input.
BeforeDiscovery {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Samples.ps1"
    $types = Get-OutputType | ForEach-Object { @{ Name = $_.Name; Type = $_ } }
    $lists = foreach ($type in Get-OutputType) {
        foreach ($property in $type.GetProperties()) {
            if ($property.PropertyType -ne [string] -and $property.PropertyType -ne [byte[]] -and [Collections.IEnumerable].IsAssignableFrom($property.PropertyType)) {
                @{ Type = $type; Name = $property.Name; Of = $property.PropertyType }
            }
        }
    }
    $ways = @(
        @{ Way = 'JSON' }
        @{ Way = 'JSON as a table' }
        @{ Way = 'CLIXML' }
        @{ Way = 'CSV' }
    )
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Samples.ps1"
    $folder = New-TemporaryFolder
    $samples = New-Sample $folder
    $text = 'bafkreicin2sgejgrxnh3nahtj56jvwlkr4sozcf6opvi4wtmmuta5hfyu4'

    # An object as it comes back from where it was written to.
    function ConvertTo-Copy($Object, [string] $Way) {
        switch ($Way) {
            'JSON' { ConvertTo-Json $Object -WarningAction SilentlyContinue | ConvertFrom-Json }
            'JSON as a table' { ConvertTo-Json $Object -WarningAction SilentlyContinue | ConvertFrom-Json -AsHashtable }
            'CLIXML' { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($Object)) }
            'CSV' { $Object | ConvertTo-Csv | ConvertFrom-Csv }
        }
    }

    # Two values that a list of these may hold.
    function New-Pair([type] $Element) {
        $pair = [array]::CreateInstance($Element, 2)
        foreach ($i in 0, 1) {
            $pair[$i] = $Element -eq [string] ? "value $i" : $Element.IsEnum ? [enum]::ToObject($Element, $i) : [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Element)
        }

        , $pair
    }
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Every output type' {
    It 'has a sample in Samples.ps1: <Name>' -ForEach $types {
        $samples[$Name] | Should -BeOfType $Type
    }

    It 'holds text where it names a CID, a peer, an address or a node: <Name>' -ForEach $types {
        $bare = [Bitswap.Cid], [Bitswap.PeerId], [Bitswap.Multiaddr], [Bitswap.Multihash], [Bitswap.BitswapNode]
        foreach ($property in $Type.GetProperties()) {
            $of = $property.PropertyType.IsArray ? $property.PropertyType.GetElementType() : $property.PropertyType
            if ("$($Type.Name).$($property.Name)" -ne 'BitswapTestNetwork.Nodes') {
                $of | Should -Not -BeIn $bare -Because "$($property.Name) is to survive a serializer"
            }
        }
    }
}

Describe 'The list <Type.Name>.<Name>' -ForEach $lists {
    It 'indexes and counts' {
        $Of.IsArray | Should -BeTrue -Because 'PowerShell takes most other lists for one value'
        $field = $Type.GetField("<$Name>k__BackingField", [Reflection.BindingFlags] 'Instance, NonPublic')
        if ($field) {
            $object = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
            $pair = New-Pair $Of.GetElementType()
            $field.SetValue($object, $pair)
            $object.$Name.Count | Should -Be 2
            [object]::ReferenceEquals($object.$Name[0], $pair[0]) -or $object.$Name[0] -eq $pair[0] | Should -BeTrue
            [object]::ReferenceEquals($object.$Name[1], $pair[1]) -or $object.$Name[1] -eq $pair[1] | Should -BeTrue
            [object]::ReferenceEquals($object.$Name[-1], $pair[1]) -or $object.$Name[-1] -eq $pair[1] | Should -BeTrue
        }
        else {
            # made anew each time it is asked for
            $list = $samples[$Type.Name].$Name
            $list.Count | Should -BeGreaterOrEqual 2 -Because 'Samples.ps1 makes one with two items'
            "$($list[0])" | Should -Not -Be "$($list[1])"
            "$($list[-1])" | Should -Be "$($list | Select-Object -Last 1)"
        }
    }
}

Describe 'Lists of values that are given with others' {
    It 'are the parts of an address' {
        $address = [Bitswap.Multiaddr] '/ip4/127.0.0.1/tcp/4001'
        "$($address.Components[0])", "$($address.Components[-1])", $address.Components.Count | Should -Be '/ip4/127.0.0.1', '/tcp/4001', 2
    }

    It 'are what peers said of a block that nobody has' {
        $failure = Get-Failure { New-UnknownCid | Get-BitswapBlock -Node $samples.BitswapPeer.Node }
        $failure.Exception.Answers.Count | Should -Be 1
        "$($failure.Exception.Answers[0].PeerId)" | Should -Be $samples.BitswapNode.PeerId
    }

    It 'are text in the JSON of an error, as its CID and its target are' {
        $cid = New-UnknownCid
        $failure = Get-Failure { Get-BitswapBlock $cid -Node $samples.BitswapPeer.Node }
        $json = ConvertTo-Json $failure.Exception -WarningAction SilentlyContinue | ConvertFrom-Json
        $json.Cid, $json.Target, $json.ErrorId | Should -Be $cid, $cid, 'BlockUnavailable'
        $json.Answers[0].Answer, $json.Answers[0].PeerId | Should -Be 'DontHave', $samples.BitswapNode.PeerId
        $failure.TargetObject | Should -BeExactly $cid
    }

    It 'are text where the target of an error is a CID, a peer or an address' {
        $failures = @(
            Get-Failure { Get-BitswapBlock (New-UnknownCid) -Local -Node $samples.BitswapPeer.Node }
            Get-Failure { Disconnect-BitswapPeer '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' -Node $samples.BitswapPeer.Node }
        )
        foreach ($failure in $failures) {
            $failure.TargetObject | Should -BeOfType ([string])
            $failure.Exception.Target | Should -BeOfType ([string])
        }
    }

    It 'name addresses that others can reach before those of this machine alone' {
        $node = Start-BitswapNode -ListenAddress /ip4/127.0.0.1/tcp/0, /ip4/0.0.0.0/tcp/0
        $loopback = @($node.Addresses | ForEach-Object { $_ -match '^/ip4/127\.' })
        $loopback[-1] | Should -BeTrue
        if ($loopback -contains $false) { $loopback[0] | Should -BeFalse }
    }
}

Describe 'JSON of <Name>' -ForEach $types {
    It 'holds all texts, and nothing of a node but its name' {
        $sample = $samples[$Name]
        $json = ConvertTo-Json $sample -WarningAction SilentlyContinue | ConvertFrom-Json
        foreach ($property in $Type.GetProperties() | Where-Object { $_.PropertyType -in [string], [string[]] }) {
            # what is asked for twice may have changed, but for what it is about
            if ($property.Name -notin 'State', 'Summary', 'Peers') {
                "$($json.$($property.Name))" | Should -BeExactly "$($sample.$($property.Name))" -Because $property.Name
                @($json.$($property.Name)).Count | Should -Be @($sample.$($property.Name)).Count -Because $property.Name
            }
        }

        if ($Name -notin 'BitswapNode', 'BitswapTestNetwork') {
            $json.PSObject.Properties.Name + $json.PSObject.Properties.Value.ForEach({ $_.PSObject.Properties.Name }) | Should -Not -Contain 'EventsDropped'
        }
    }
}

Describe 'What <Way> makes of an object' -ForEach $ways {
    It 'is taken as a CID, whatever object it was' {
        foreach ($type in Get-OutputType | Where-Object { $_.GetProperty('Cid') }) {
            $cid = $samples[$type.Name].Cid
            if ($cid) {
                [Bitswap.Binding.CidArgument]::new((ConvertTo-Copy $samples[$type.Name] $Way)).ToString() | Should -BeExactly $cid -Because $type.Name
                [Bitswap.Binding.CidArgument]::new((ConvertTo-Copy $samples[$type.Name] $Way)).ToString() | Should -BeExactly $cid -Because $type.Name
            }
        }
    }

    It 'is taken as a peer' {
        foreach ($type in Get-OutputType | Where-Object { $_.GetProperty('PeerId') }) {
            [Bitswap.Binding.PeerArgument]::new((ConvertTo-Copy $samples[$type.Name] $Way)).ToString() | Should -BeExactly $samples[$type.Name].PeerId -Because $type.Name
        }
    }

    It 'is taken as an address' {
        [Bitswap.Binding.MultiaddrArgument]::new((ConvertTo-Copy $samples.BitswapPeer $Way)).ToString() | Should -BeExactly $samples.BitswapPeer.Address
        if ($Way -ne 'CSV') {
            [Bitswap.Binding.MultiaddrArgument]::new((ConvertTo-Copy $samples.BitswapNode $Way)).ToString() | Should -BeExactly "$($samples.BitswapNode.Addresses)"
        }
    }

    if ($Way -ne 'CSV') {
        It 'is taken as data, where it holds some' {
            $copy = ConvertTo-Copy $samples.BitswapBlock $Way
            (Add-BitswapBlock $copy -Node $samples.BitswapPeer.Node).Cid | Should -Be $samples.BitswapBlock.Cid
        }
    }

    # PowerShell binds no keys of a table to parameters
    if ($Way -ne 'JSON as a table') {
        It 'names the node where there is one of the name' {
            $copy = ConvertTo-Copy (Test-BitswapBlock $samples.BitswapAddedFile.Cid -Node $samples.BitswapPeer.Node -Detailed) $Way
            ($copy | Test-BitswapBlock -Detailed).Node | Should -Be $samples.BitswapPeer.Node
        }
    }
}

Describe 'A value of its own' {
    It 'is text to look at: <_>' -ForEach 'Cid', 'PeerId', 'Multiaddr', 'Multihash' {
        $value = switch ($_) {
            'Cid' { [Bitswap.Cid] $text }
            'PeerId' { [Bitswap.PeerId] $samples.BitswapNode.PeerId }
            'Multiaddr' { [Bitswap.Multiaddr] $samples.BitswapNode.Addresses[0] }
            'Multihash' { ([Bitswap.Cid] $text).Hash }
        }
        ($value | Out-String).Trim() | Should -BeExactly "$value"
        $value.Text | Should -BeExactly "$value"
        ($value | ConvertTo-Json | ConvertFrom-Json).Text | Should -BeExactly "$value"
        # each property can be read
        $value | ConvertTo-Json -WarningAction SilentlyContinue | Should -Not -Match ':\s*null'
    }

    It 'is taken as input in whatever it was put' {
        $cid = [Bitswap.Cid] $text
        $made = @{ Cid = $cid }, [pscustomobject]@{ Cid = $cid }, ($samples.BitswapBlock | Select-Object @{ n = 'Cid'; e = { $cid } }), $cid, "{`"/`":`"$text`"}", "{`"Cid`":{`"/`":`"$text`"}}"
        foreach ($object in $made) {
            $json = $object -is [string] ? $object : (ConvertTo-Json $object)
            [Bitswap.Binding.CidArgument]::new(($json | ConvertFrom-Json)).ToString() | Should -BeExactly $text -Because $json
            [Bitswap.Binding.CidArgument]::new(($json | ConvertFrom-Json -AsHashtable)).ToString() | Should -BeExactly $text -Because $json
        }

        foreach ($object in $made | Where-Object { $_ -isnot [string] }) {
            $clixml = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($object))
            [Bitswap.Binding.CidArgument]::new($clixml).ToString() | Should -BeExactly $text
        }

        $peer = [Bitswap.PeerId] $samples.BitswapNode.PeerId
        [Bitswap.Binding.PeerArgument]::new((@{ PeerId = $peer } | ConvertTo-Json | ConvertFrom-Json)).ToString() | Should -BeExactly "$peer"
        $address = [Bitswap.Multiaddr] $samples.BitswapNode.Addresses[0]
        [Bitswap.Binding.MultiaddrArgument]::new((@{ Address = $address } | ConvertTo-Json -Depth 5 | ConvertFrom-Json)).ToString() | Should -BeExactly "$address"
    }
}

Describe 'What another process gives' {
    BeforeAll {
        $start = [Diagnostics.ProcessStartInfo]::new($PowerShellHost.FilePath)
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $script = @"
Import-Module '$($ManifestPath.Replace("'", "''"))'
`$node = Start-BitswapNode -Name office
`$block = 'from another process' | Add-BitswapBlock
`$node, `$block | Export-Clixml '$folder/there.xml'
'ready'
`$null = [Console]::In.ReadLine()
"@
        foreach ($argument in @($PowerShellHost.ArgumentList) + '-NoProfile', '-NonInteractive', '-Command', $script) { $start.ArgumentList.Add($argument) }
        $other = [Diagnostics.Process]::Start($start)
        $other.StandardOutput.ReadLine() | Should -Be 'ready'
        $node, $block = Import-Clixml "$folder/there.xml"
        Get-BitswapNode | Stop-BitswapNode -Force
        $here = Start-BitswapNode -Name here
    }
    AfterAll {
        $other.StandardInput.WriteLine()
        $other.WaitForExit(30000) | Out-Null
        $other.Dispose()
    }

    It 'is taken as input: the peer to connect to, and the block to fetch' {
        (Connect-BitswapPeer $node).PeerId | Should -Be $node.PeerId
        $block | Get-BitswapBlock -AsString | Should -Be 'from another process'
    }

    It 'is no node of this process, and the error says so: <Name>' -ForEach @(
        @{ Name = 'named'; Script = { Get-BitswapStat -Node $node } }
        @{ Name = 'piped'; Script = { $node | Stop-BitswapNode } }
    ) {
        $failure = Get-Failure $Script
        $failure.FullyQualifiedErrorId | Should -Match '^NodeElsewhere,'
        "$failure" | Should -Match 'office.*in the process that started it'
        $here.IsRunning | Should -BeTrue
    }

    It 'is not mistaken for a node here that has stopped' {
        $gone = Start-BitswapNode -Name gone
        $mine = 'mine' | Add-BitswapBlock -Node $gone
        $gone | Stop-BitswapNode
        (Get-Failure { $mine | Remove-BitswapBlock }).FullyQualifiedErrorId | Should -Match '^NodeStopped,'
    }

    It 'names no node by a name that is typed' {
        (Get-Failure { 'nobody' | Stop-BitswapNode }).FullyQualifiedErrorId | Should -Match '^NoNode,'
        (Get-Failure { Get-BitswapStat -Node nobody }).FullyQualifiedErrorId | Should -Match '^NoNode,'
    }
}
