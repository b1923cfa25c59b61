BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $pair = New-NodePair
    $provider = $pair.Provider
    $client = $pair.Client
}
AfterAll { Clear-Nodes }

Describe 'Start-BitswapWant' {
    It 'returns at once, and the block is stored when it comes' {
        $text = "later $([guid]::NewGuid())"
        $cid = (Get-BitswapCid $text).Cid
        $want = $cid | Start-BitswapWant -Node $client
        $want.State | Should -Be 'Wanted'
        $want.Cid | Should -Be $cid
        $text | Add-BitswapBlock -Node $provider | Out-Null
        ($want | Wait-BitswapWant -TimeoutSeconds 20).State | Should -Be 'Received'
        $want.From | Should -Be $provider.PeerId
        Test-BitswapBlock $cid -Node $client | Should -BeTrue
    }

    It 'ends by itself after its time' {
        $want = New-UnknownCid | Start-BitswapWant -Node $client -TimeoutSeconds 0.2
        (Get-Failure { $want | Wait-BitswapWant -TimeoutSeconds 20 -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^Timeout,'
        $want.State | Should -Be 'Failed'
        $want.ErrorId | Should -Be 'Timeout'
    }

    It 'asks only whether with -Type Have' {
        $block = "have $([guid]::NewGuid()) $('x' * 4000)" | Add-BitswapBlock -Node $provider
        $want = $block.Cid | Start-BitswapWant -Node $client -Type Have
        ($want | Wait-BitswapWant -TimeoutSeconds 20).Type | Should -Be 'Have'
        Test-BitswapBlock $block.Cid -Node $client | Should -BeFalse
    }
}

Describe 'Get-BitswapWantlist' {
    It 'gives ours, and what a peer wants of us' {
        $cid = New-UnknownCid
        $want = $cid | Start-BitswapWant -Node $client -Priority 7
        try {
            $ours = Get-BitswapWantlist -Node $client | Where-Object Cid -EQ $cid
            $ours.Priority | Should -Be 7
            $ours.Type | Should -Be 'Block'
            $ours.Direction | Should -Be 'Sent'
            Wait-Until { Get-BitswapWantlist Received -Node $provider | Where-Object Cid -EQ $cid }
            $theirs = Get-BitswapWantlist Received -Node $provider | Where-Object Cid -EQ $cid
            $theirs.Peer | Should -Be $client.PeerId
            $theirs.State | Should -Be 'Missing'
            Get-BitswapWantlist -Node $client -Peer $provider | Where-Object Cid -EQ $cid | Should -Not -BeNullOrEmpty
        }
        finally {
            $want | Stop-BitswapWant
        }

        Wait-Until { -not (Get-BitswapWantlist Received -Node $provider | Where-Object Cid -EQ $cid) }
    }
}

Describe 'Wait-BitswapWant' {
    It 'leaves wants as they are when its time is over' {
        $want = New-UnknownCid | Start-BitswapWant -Node $client
        $failure = Get-Failure { $want | Wait-BitswapWant -TimeoutSeconds 0.2 -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'Timeout,Bitswap.Commands.WaitBitswapWantCommand'
        "$failure" | Should -Be "$($want.Cid) took longer than 0.2 seconds."
        "$(Get-Failure { $want | Wait-BitswapWant -TimeoutSeconds 1 -ErrorAction Stop })" | Should -Be "$($want.Cid) took longer than 1 second."
        $want.State | Should -Be 'Wanted'
        $want | Stop-BitswapWant
    }

    It 'waits for many' {
        $texts = 1..50 | ForEach-Object { "one of many $_ $([guid]::NewGuid())" }
        $wants = $texts | ForEach-Object { (Get-BitswapCid $_).Cid } | Start-BitswapWant -Node $client
        $texts | Add-BitswapBlock -Node $provider | Out-Null
        ($wants | Wait-BitswapWant -TimeoutSeconds 30).Count | Should -Be 50
    }
}

Describe 'Stop-BitswapWant' {
    It 'ends one interest, and leaves the others' {
        $cid = New-UnknownCid
        $first = $cid | Start-BitswapWant -Node $client
        $second = $cid | Start-BitswapWant -Node $client
        $first | Stop-BitswapWant
        $first.State | Should -Be 'Cancelled'
        $second.State | Should -Be 'Wanted'
        Stop-BitswapWant -Cid $cid -Node $client -WhatIf
        $second.State | Should -Be 'Wanted'
        Stop-BitswapWant -Cid $cid -Node $client
        $second.State | Should -Be 'Cancelled'
    }

    It '-Force ends a pipeline that waits, with WantCancelled' {
        $cid = New-UnknownCid
        # a node without -Peer would say at once that nobody has it, so it waits for a peer that it is told to keep
        $dead = Start-BitswapNode
        $address = $dead.Addresses[0]
        Stop-BitswapNode $dead
        $waiting = Start-BitswapNode -Peer $address
        $shell = New-ModuleRunspace
        $running = $shell.AddScript('param($cid, $node) Get-BitswapBlock $cid -Node $node -TimeoutSeconds 60 -ErrorAction Stop').AddArgument($cid).AddArgument($waiting).BeginInvoke()
        try {
            Wait-Until { Get-BitswapWantlist -Node $waiting | Where-Object Cid -EQ $cid }
            Stop-BitswapWant -Cid $cid -Node $waiting
            Get-BitswapWantlist -Node $waiting | Where-Object Cid -EQ $cid | Should -Not -BeNullOrEmpty
            Stop-BitswapWant -Cid $cid -Node $waiting -Force
            $failure = Get-Failure { $shell.EndInvoke($running) }
            $failure.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId | Should -Match '^WantCancelled,'
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
            Stop-BitswapNode $waiting
        }
    }
}
