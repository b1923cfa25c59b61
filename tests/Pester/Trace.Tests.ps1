BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $pair = New-NodePair
    $provider = $pair.Provider
    $client = $pair.Client
    $folder = New-TemporaryFolder
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Start-BitswapTrace' {
    It 'writes every message as a JSON line, which Get-BitswapTrace reads back' {
        $file = Join-Path $folder 'client.jsonl'
        $trace = Start-BitswapTrace $file -Node $client
        $trace.State | Should -Be 'Running'
        (Get-BitswapTrace -Node $client).Path | Should -Be $file
        $block = "traced $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $block.Cid | Get-BitswapBlock -Node $client -AsString | Should -BeLike 'traced *'
        $ended = $trace | Stop-BitswapTrace
        $ended.State | Should -Be 'Stopped'
        $ended.Dropped | Should -Be 0
        $ended.Bytes | Should -Be (Get-Item -LiteralPath $file).Length
        Get-BitswapTrace -Node $client | Should -BeNullOrEmpty

        $lines = Get-Content -LiteralPath $file | ConvertFrom-Json
        $lines.Count | Should -Be $ended.Recorded
        $lines[0].kind | Should -Be 'start'
        $received = $lines | Where-Object { $_.kind -eq 'message' -and $_.direction -eq 'received' -and $_.blocks }
        $received.blocks.cid | Should -Be "$($block.Cid)"
        $received.blocks.size | Should -Be $block.Size
        $received.peer | Should -Be "$($provider.PeerId)"

        $records = @(Get-BitswapTrace $file)
        $records.Count | Should -Be $lines.Count
        $asked = $records | Where-Object Direction -EQ 'Sent' | ForEach-Object Entries | Where-Object Cid -EQ $block.Cid
        $asked[0].Type | Should -BeIn 'Block', 'Have'
        ($records | Where-Object Kind -EQ 'Ended').Outcome | Should -Be 'Received'
    }

    It 'keeps records in memory without a file, and Stop-BitswapTrace gives them' {
        $all = Start-BitswapTrace -Node $client
        $few = Start-BitswapTrace -Node $client -MaxRecords 1
        @(Get-BitswapTrace -Node $client).Count | Should -Be 2
        $cid = New-UnknownCid
        $cid | Get-BitswapBlock -Node $client -ErrorAction SilentlyContinue
        $records = $all | Stop-BitswapTrace
        ($records | Where-Object Kind -EQ 'Ended').Outcome | Should -Be 'BlockUnavailable'
        $said = $records | Where-Object Direction -EQ 'Received' | ForEach-Object Presences | Where-Object Cid -EQ $cid
        $said.Type | Should -Be 'DontHave'
        @($few | Stop-BitswapTrace).Count | Should -Be 1
        $few.Dropped | Should -BeGreaterThan 0
    }

    It 'replaces a file with -Force alone' {
        $file = Join-Path $folder 'there.jsonl'
        Set-Content -LiteralPath $file -Value 'mine'
        (Get-Failure { Start-BitswapTrace $file -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^TraceFailed,'
        Get-Content -LiteralPath $file | Should -Be 'mine'
        Start-BitswapTrace $file -Node $client -WhatIf -Force | Should -BeNullOrEmpty
        Start-BitswapTrace $file -Node $client -Force | Stop-BitswapTrace | Out-Null
        @(Get-BitswapTrace $file)[0].Kind | Should -Be 'Start'
    }

    It 'ends with the node, its file complete' {
        $file = Join-Path $folder 'ending.jsonl'
        $node = Start-BitswapNode
        $trace = Start-BitswapTrace $file -Node $node
        New-UnknownCid | Start-BitswapWant -Node $node | Out-Null
        Stop-BitswapNode $node
        $trace.State | Should -Be 'Stopped'
        @(Get-BitswapTrace $file)[-1].Outcome | Should -Be 'NodeStopped'
    }
}

Describe 'Get-BitswapTrace' {
    It 'refuses what is no trace, and names the line' {
        $file = Join-Path $folder 'torn.jsonl'
        Set-Content -LiteralPath $file -Value '{"time":'
        $failure = Get-Failure { Get-BitswapTrace $file -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^InvalidTrace,'
        $failure.ErrorDetails.Message | Should -Match 'Line 1 '
        (Get-Failure { Get-BitswapTrace (Join-Path $folder 'none.jsonl') -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^PathNotFound,'
    }
}

Describe 'What is seen of a node' {
    It 'raises events in order for Register-ObjectEvent' {
        $node = Start-BitswapNode
        $source = "see-$([guid]::NewGuid())"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $names = 'PeerConnected', 'BlockReceived', 'BlockSent', 'WantStarted', 'WantEnded', 'PeerDisconnected'
        try {
            foreach ($name in $names) {
                Register-ObjectEvent -InputObject $node -EventName $name -SourceIdentifier "$source-$name" -MessageData @{ Seen = $seen; Name = $name } -Action {
                    $Event.MessageData.Seen.Enqueue([pscustomobject]@{ Id = $Event.EventIdentifier; Name = $Event.MessageData.Name; Args = $Event.SourceEventArgs })
                } | Out-Null
            }

            Connect-BitswapPeer $provider -Node $node | Out-Null
            $block = "event $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
            $block.Cid | Get-BitswapBlock -Node $node | Out-Null
            $mine = "mine $([guid]::NewGuid())" | Add-BitswapBlock -Node $node
            $mine.Cid | Get-BitswapBlock -Node $provider | Out-Null
            # a small block goes out in the place of HAVE, and again where the want for it crossed it on the way
            Wait-Until { @($seen | Where-Object Name -EQ 'BlockSent').Count -ge 1 }
            Disconnect-BitswapPeer $provider -Node $node
            Wait-Until { @($seen | ForEach-Object Name | Select-Object -Unique).Count -eq $names.Count }

            # the node raises events in order, and PowerShell numbers them so; it may run their actions in another
            $order = @($seen | Sort-Object Id | ForEach-Object Name)
            $order[0] | Should -Be 'PeerConnected'
            $order[-1] | Should -Be 'PeerDisconnected'
            $order.IndexOf('WantStarted') | Should -BeLessThan $order.IndexOf('WantEnded')
            $received = ($seen | Where-Object Name -EQ 'BlockReceived').Args
            $received.Cid | Should -Be $block.Cid
            $received.Size | Should -Be $block.Size
            $received.PeerId | Should -Be $provider.PeerId
            ($seen | Where-Object Name -EQ 'BlockSent').Args.Cid | Select-Object -Unique | Should -Be $mine.Cid
            ($seen | Where-Object Name -EQ 'WantEnded').Args.Outcome | Should -Be 'Received'
            $node.EventsDropped | Should -Be 0
            $node.EventsFailed | Should -Be 0
        }
        finally {
            foreach ($name in $names) { Unregister-Event -SourceIdentifier "$source-$name" -ErrorAction Ignore }
            Stop-BitswapNode $node
        }
    }

    It 'counts in Get-BitswapStat, with percentiles and queue depths' {
        $block = "$('x' * 3000) $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $before = Get-BitswapStat $client
        $block.Cid | Get-BitswapBlock -Node $client | Out-Null
        $stat = Get-BitswapStat $client
        $stat.BlocksReceived - $before.BlocksReceived | Should -Be 1
        $stat.ReceivedBlockSizes.Count - $before.ReceivedBlockSizes.Count | Should -Be 1
        $stat.WantLatency.Count - $before.WantLatency.Count | Should -Be 1
        $stat.WantLatency.P99 | Should -BeGreaterThan 0
        $stat.QueuedReplies | Should -Be 0
        $stat.WantsSatisfied - $before.WantsSatisfied | Should -Be 1
        ($stat | Out-String -Width 100) | Should -Match 'WantLatency +: .*median'
        ($stat | Format-Table | Out-String -Width 100) | Should -Match 'KiB'
    }

    It 'tells the story of a fetch with -Verbose' {
        $block = "story $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $story = $block.Cid | Get-BitswapBlock -Node $client -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
        $story[0] | Should -Match "^$($block.Cid): asked $($provider.PeerId)"
        $story | Where-Object { $_ -match "$($provider.PeerId) sent $($block.Size) bytes after [\d.]+ ms" } | Should -Not -BeNullOrEmpty
        $missing = New-UnknownCid
        $story = $missing | Get-BitswapBlock -Node $client -Verbose -ErrorAction SilentlyContinue 4>&1 | ForEach-Object { "$_" }
        $story | Where-Object { $_ -match "$($provider.PeerId) said DONT_HAVE after" } | Should -Not -BeNullOrEmpty
        # who does not ask for it hears nothing
        $block.Cid | Get-BitswapBlock -Node $client 4>&1 | Should -Not -BeOfType [Management.Automation.VerboseRecord]
    }

    It 'tells what a node logs while it starts and connects, with -Verbose and -Debug' {
        $said = Start-BitswapNode -Verbose 4>&1
        $node = $said | Where-Object { $_ -is [Bitswap.BitswapNode] }
        "$said" | Should -Match "$($node.PeerId) listens on"
        $said = Connect-BitswapPeer $provider -Node $node -Verbose -Debug 4>&1 5>&1
        @($said | Where-Object { $_ -is [Management.Automation.VerboseRecord] }).Count | Should -BeGreaterThan 0
        "$($said | Where-Object { $_ -is [Management.Automation.DebugRecord] })" | Should -Match "speaks /ipfs/bitswap/1\.2\.0"
        Stop-BitswapNode $node
    }

    It 'gives each want its age, who was asked and what they said' {
        $cid = New-UnknownCid
        $want = $cid | Start-BitswapWant -Node $client -Priority 3
        Wait-Until { (Get-BitswapWantlist -Node $client | Where-Object Cid -EQ $cid).Answers.Answer -contains 'DontHave' }
        $mine = Get-BitswapWantlist -Node $client | Where-Object Cid -EQ $cid
        $mine.AskedPeers | Should -Be $provider.PeerId
        $mine.Answers[0].Latency | Should -BeGreaterThan ([timespan]::Zero)
        $theirs = Get-BitswapWantlist Received -Node $provider | Where-Object Cid -EQ $cid
        $theirs.Age | Should -BeGreaterThan ([timespan]::Zero)
        $theirs.Priority | Should -BeGreaterThan 0
        $want | Stop-BitswapWant
    }
}
